import Foundation

/// The page that describes the JSON of the commands, as something to hold JSON against.
///
/// Its tables say of every object which keys it has, and of what kind each value is.
public struct DocumentedJSON {
  /// The kind of each key, by the heading that describes the object.
  public let objects: [String: [String: String]]

  /// Reads the page beside these tests.
  ///
  /// - Throws: where there is no page.
  public init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = root.appending(path: "Sources/Plumbline/Plumbline.docc/JSON.md")
    self.init(page: try String(contentsOf: page, encoding: .utf8))
  }

  /// Reads the tables of `page`: a heading, perhaps the object whose keys it has too, and rows of keys, kind and meaning.
  public init(page: String) {
    var objects: [String: [String: String]] = [:]
    var parents: [String: String] = [:]
    var heading: String?
    for line in page.split(separator: "\n") {
      if line.hasPrefix("#") { heading = line.hasPrefix("### ") ? String(line.dropFirst(4)) : nil }
      guard let heading else { continue }
      if let parent = line.firstMatch(of: /^All keys of `([^`]+)`/) { parents[heading] = String(parent.1) }
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard line.hasPrefix("| `"), cells.count >= 3 else { continue }
      for key in cells[0].matches(of: /`([A-Za-z0-9]+)`/) {
        objects[heading, default: [:]][String(key.1)] = cells[1].trimmingCharacters(in: ["`"])
      }
    }
    for (heading, parent) in parents { objects[heading, default: [:]].merge(objects[parent] ?? [:]) { own, _ in own } }
    self.objects = objects
  }

  /// The faults of JSON that is not as the page says, and the objects that were met.
  public struct Findings {
    /// One line each, with the place.
    public fileprivate(set) var problems: [String] = []
    /// The headings of the objects that were met.
    public fileprivate(set) var met: Set<String> = []
  }

  /// Holds the JSON `text` of the command under `heading`, one object or a list of them, against the page.
  public func findings(in text: String, of heading: String) -> Findings {
    var findings = Findings()
    guard let value = try? JSONSerialization.jsonObject(with: Data(text.utf8)) else {
      findings.problems.append("\(heading): is no JSON")
      return findings
    }
    for report in value as? [Any] ?? [value] {
      let schema = (report as? [String: Any])?["schema"]
      if !Self.isInteger(schema) { findings.problems.append("\(heading): has no schema") }
      check(report, heading, at: heading, isTop: true, &findings)
    }
    return findings
  }

  private func check(_ value: Any, _ kind: String, at place: String, isTop: Bool = false, _ findings: inout Findings) {
    if kind.hasSuffix("?") {
      if !(value is NSNull) { check(value, String(kind.dropLast()), at: place, &findings) }
    } else if kind.hasPrefix("["), kind.hasSuffix("]"), let list = value as? [Any] {
      for member in list { check(member, String(kind.dropFirst().dropLast()), at: place, &findings) }
    } else if kind.hasPrefix("{"), kind.hasSuffix("}"), let object = value as? [String: Any] {
      for member in object.values { check(member, String(kind.dropFirst().dropLast()), at: place, &findings) }
    } else if let keys = objects[kind], var object = value as? [String: Any] {
      findings.met.insert(kind)
      if isTop { object["schema"] = nil }
      for key in Set(keys.keys).symmetricDifference(object.keys).sorted() {
        findings.problems.append("\(place).\(key): \(object[key] == nil ? "is not printed" : "is not documented")")
      }
      for (key, member) in object {
        if let kind = keys[key] { check(member, kind, at: "\(place).\(key)", &findings) }
      }
    } else if !Self.isPlain(value, kind) {
      findings.problems.append("\(place): is no \(kind): \(value)")
    }
  }

  private static let notFinite: Set<String> = ["inf", "-inf", "nan"]

  private static func isPlain(_ value: Any, _ kind: String) -> Bool {
    switch kind {
    case "text": value is String
    case "integer": isInteger(value)
    case "flag": isFlag(value)
    case "number": (value as? String).map(notFinite.contains) ?? (value is NSNumber && !isFlag(value))
    case "hex":
      (value as? String).map {
        notFinite.contains($0) || $0.wholeMatch(of: /-?0x[0-9a-f]+(\.[0-9a-f]+)?p[+-]?[0-9]+/) != nil
      }
        ?? false
    default: false
    }
  }

  // What `JSONSerialization` reads is a number and a flag at once; only its type tells.
  private static func isFlag(_ value: Any?) -> Bool {
    // The pointer is to a literal of Foundation's, which ends with a zero.
    (value as? NSNumber).map { unsafe String(cString: $0.objCType) == "c" } ?? false
  }

  private static func isInteger(_ value: Any?) -> Bool {
    guard let number = value as? NSNumber, !isFlag(number) else { return false }
    return "\(number)".wholeMatch(of: /-?[0-9]+/) != nil
  }
}
