import Foundation
import Testing
import Yams

/// The manifests of config/kubernetes, held against the configuration that they run.
@Suite struct KubernetesTests {
  private let tree = Tree.current
  private let resources: [Node]
  private let file: Node

  init() throws {
    let paths = Tree.current.files(in: "config/kubernetes/", ending: ".yaml").filter {
      !$0.hasSuffix("kustomization.yaml") && !$0.hasSuffix("fraud.yaml")
    }
    resources = try paths.flatMap { try Manifest($0).documents }
    file = try Manifest("config/kubernetes/base/fraud.yaml").root
  }

  private func all(_ kind: String) -> [Node] { resources.filter { $0.text("kind") == kind } }

  private func pods() -> [(name: String, spec: Node)] {
    let paths = ["Deployment": "spec.template.spec", "CronJob": "spec.jobTemplate.spec.template.spec"]
    return resources.compactMap { resource in
      guard let path = paths[resource.text("kind") ?? ""], let spec = resource.at(path) else { return nil }
      return (resource.text("metadata.name") ?? "?", spec)
    }
  }

  @Test func eachKustomizationListsWhatIsInItsFolder() throws {
    for folder in ["base", "nightly"] {
      let root = "config/kubernetes/\(folder)"
      let kustomization = try Manifest("\(root)/kustomization.yaml").root
      let listed = Set(kustomization.texts("resources") + kustomization.list("configMapGenerator").flatMap { $0.texts("files") })
      let files = tree.files(in: root + "/", ending: ".yaml").map { String($0.dropFirst(root.count + 1)) }
      #expect(listed.subtracting(["../base"]) == Set(files).subtracting(["kustomization.yaml"]))
      for patch in kustomization.list("patches") {
        let found = resources.contains {
          $0.text("kind") == patch.text("target.kind") && $0.text("metadata.name") == patch.text("target.name")
        }
        #expect(found, "a patch has no target")
      }
    }
  }

  @Test func eachLaneHasADeploymentAndScalesByItsOwnGroup() throws {
    let group = try #require(file.text("group"))
    for lane in file.at("lanes")?.names ?? [] {
      let deployment = try #require(all("Deployment").first { $0.text("metadata.name") == "millrace-\(lane)" })
      let arguments = deployment.texts("spec.template.spec.containers.0.args")
      #expect(arguments == ["run", "/etc/millrace/config/fraud.yaml", "--lane", lane])
      #expect(deployment.text("spec.selector.matchLabels.millrace/lane") == lane)
      #expect(deployment.text("spec.template.metadata.labels.millrace/lane") == lane)
      let scaling = try #require(all("ScaledObject").first { $0.text("spec.scaleTargetRef.name") == "millrace-\(lane)" })
      let trigger = try #require(scaling.at("spec.triggers.0"))
      #expect(trigger.text("type") == "kafka")
      #expect(trigger.text("metadata.consumerGroup") == "\(group).\(lane)")
      #expect(file.texts("topics").contains(trigger.text("metadata.topic") ?? ""))
      let authentication = trigger.text("authenticationRef.name")
      #expect(all("TriggerAuthentication").contains { $0.text("metadata.name") == authentication })
      // KEDA says how many there are; a number in the deployment would fight with it.
      #expect(deployment.at("spec.replicas") == nil)
      #expect(trigger.text("metadata.bootstrapServers") == file.at("kafka")?["bootstrap.servers"]?.scalar?.string)
      let workers = Int(file.text("lanes.\(lane).workers") ?? "1") ?? 1
      let most = try #require(Int(scaling.text("spec.maxReplicaCount") ?? ""))
      #expect((most + 1) * workers <= 12, "more workers than partitions while a version rolls out")
    }
    let floor = Dictionary(
      uniqueKeysWithValues: all("ScaledObject").map { ($0.text("metadata.name") ?? "", $0.text("spec.minReplicaCount") ?? "") })
    #expect(floor == ["millrace-urgent": "2", "millrace-bulk": "0"])
    #expect(all("PodDisruptionBudget").map { $0.text("spec.selector.matchLabels.millrace/lane") } == ["urgent"])
  }

  @Test func noPodMayDoMoreThanItNeeds() throws {
    #expect(pods().map(\.name).sorted() == ["millrace-bulk", "millrace-drain", "millrace-urgent"])
    for (name, pod) in pods() {
      #expect(pod.text("securityContext.runAsNonRoot") == "true", "\(name)")
      #expect(pod.text("securityContext.seccompProfile.type") == "RuntimeDefault", "\(name)")
      #expect(pod.text("automountServiceAccountToken") == "false", "\(name)")
      let grace = Int(pod.text("terminationGracePeriodSeconds") ?? "") ?? 0
      #expect(grace > file.seconds("shutdown_timeout") ?? 60, "\(name) is killed before it has drained")
      for container in pod.list("containers") {
        #expect(container.text("securityContext.readOnlyRootFilesystem") == "true", "\(name)")
        #expect(container.text("securityContext.allowPrivilegeEscalation") == "false", "\(name)")
        #expect(container.texts("securityContext.capabilities.drop") == ["ALL"], "\(name)")
        #expect(container.text("resources.requests.memory") != nil && container.text("resources.limits.memory") != nil, "\(name)")
        #expect(container.list("volumeMounts").allSatisfy { $0.text("readOnly") == "true" }, "\(name)")
      }
    }
  }

  /// A secret that the configuration reads is a key of the Secret that is mounted there.
  @Test func theConfigurationAndItsSecretsAreMountedWhereTheyAreRead() throws {
    let text = try tree.text(of: "config/kubernetes/base/fraud.yaml")
    let read = Set(text.matches(of: /\$\{file:([^}]+)\/[a-z]+\}/).map { String($0.1) })
    for (name, pod) in pods() {
      let mounts = Dictionary(
        uniqueKeysWithValues: pod.list("containers.0.volumeMounts").map { ($0.text("mountPath") ?? "", $0.text("name") ?? "") })
      let volumes = Dictionary(uniqueKeysWithValues: pod.list("volumes").map { ($0.text("name") ?? "", $0) })
      let files = try #require(pod.texts("containers.0.args").dropFirst().first)
      let folder = files.dropLast("/fraud.yaml".count)
      #expect(volumes[mounts[String(folder)] ?? ""]?.text("configMap.name") == "millrace", "\(name)")
      for secret in read { #expect(volumes[mounts[secret] ?? ""]?.text("secret.secretName") == "millrace-kafka", "\(name)") }
    }
    #expect(text.contains("path: /etc/millrace/models/fraud"))
    #expect(try tree.text(of: "config/docker/Dockerfile").contains("COPY config/models/fraud /etc/millrace/models/fraud\n"))
  }

  @Test func probesAskTheOperationsPort() throws {
    let port = try #require(file.text("operations.address")?.split(separator: ":").last.map(String.init))
    for deployment in all("Deployment") {
      let container = try #require(deployment.at("spec.template.spec.containers.0"))
      #expect(container.text("ports.0.containerPort") == port)
      #expect(container.text("livenessProbe.httpGet.path") == "/health/live")
      #expect(container.text("readinessProbe.httpGet.path") == "/health/ready")
      for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        #expect(container.text("\(probe).httpGet.port") == container.text("ports.0.name"))
      }
    }
    #expect(try tree.text(of: "config/docker/Dockerfile").contains("EXPOSE \(port)\n"))
    #expect(try Manifest("docker-compose.yml").root.texts("services.millrace.ports") == ["127.0.0.1:\(port):\(port)"])
    #expect(
      try Manifest("config/prometheus/prometheus.yml").root.texts("scrape_configs.0.static_configs.0.targets") == ["millrace:\(port)"])
  }

  @Test func theNightlyDrainEndsByItself() throws {
    let job = try #require(all("CronJob").first)
    let arguments = job.texts("spec.jobTemplate.spec.template.spec.containers.0.args")
    #expect(arguments.starts(with: ["run", "/etc/millrace/config/fraud.yaml", "--lane", "bulk", "--until-drained"]))
    #expect(job.text("spec.concurrencyPolicy") == "Forbid")
    #expect(job.text("spec.schedule")?.split(separator: " ").count == 5)
  }

  @Test(.enabled(if: Tool("kubernetes-validate") != nil, "kubernetes-validate, from PyPI, is not installed"))
  func manifestsFitTheirSchemas() throws {
    let tool = try #require(Tool("kubernetes-validate"))
    // It knows Kubernetes' own kinds, not KEDA's and kustomize's.
    let known = tree.files(in: "config/kubernetes/", ending: ".yaml").filter {
      !["kustomization.yaml", "scaling.yaml", "fraud.yaml"].contains($0.split(separator: "/").last.map(String.init) ?? "")
    }
    for path in known {
      let complaint = try tool.complaint(["--strict", path])
      #expect(complaint == nil)
    }
  }
}
