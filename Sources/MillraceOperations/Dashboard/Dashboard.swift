/// The dashboard's page at `/`. It holds all that it needs and asks for nothing but `/v1/events`.
enum Dashboard {
  static var page: String { String(decoding: PackageResources.dashboard_html, as: UTF8.self) }

  /// The policy that the page is sent with: it loads nothing from elsewhere, and stands in no frame.
  static let contentSecurityPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
