import ArgumentParser
import Foundation
import KafkaClient
import Millrace

/// The exit codes of the commands, which are those of BSD's sysexits.h.
extension ExitCode {
  static let configurationFault = ExitCode(78)
  static let runtimeFault = ExitCode(70)
}

/// Runs a command's body and turns what it throws into a message on standard error and an exit code.
func reportingFaults<Result>(_ body: () async throws -> Result) async throws -> Result {
  do {
    return try await body()
  } catch let error as ConfigurationError {
    printError("\(error)")
    throw ExitCode.configurationFault
  } catch let error as DrainFault {
    printError("error: \(error)")
    Interruption.leave(.runtimeFault)
  } catch let error as ExitCode {
    throw error
  } catch let error as ValidationError {
    // The usage that ArgumentParser would print here is not this command's.
    printError("error: \(error)")
    throw ExitCode.validationFailure
  } catch let error as KafkaError {
    printError("error: \(error)\(error.advice)")
    throw ExitCode.runtimeFault
  } catch {
    printError("error: \(error)")
    throw ExitCode.runtimeFault
  }
}

func printError(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}
