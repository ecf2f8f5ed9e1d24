import Foundation
import Testing

/// The imports of the package, held to the picture in its documentation.
@Suite struct ArchitectureTests {
  /// The modules that each imports, by name; a module without a line of its own imports none of them.
  typealias Graph = [String: Set<String>]

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The modules of the picture from the top, each with those that its arrows lead to.
  private static func picture(_ page: String) throws -> [(module: String, below: [String])] {
    let block = try #require(page.split(separator: "```\n", omittingEmptySubsequences: false).dropFirst().first)
    return try block.split(separator: "\n").map { line in
      let sides = line.split(separator: "→", omittingEmptySubsequences: false)
      try #require(sides.count == 2, "no arrow in '\(line)'")
      return (sides[0].trimmingCharacters(in: .whitespaces), sides[1].split(separator: " ").map(String.init))
    }
  }

  /// The modules named in the `import` lines of `source`.
  private static func imports(_ source: String) -> [String] {
    source.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), place + 1 < words.count,
        words[..<place].allSatisfy({ $0.hasPrefix("@") || ["public", "package", "internal", "private"].contains($0) })
      else { return nil }
      return String(words[place + 1].prefix { $0 != "." })
    }
  }

  /// The name of a target in the picture.
  private static func module(_ target: String) -> String {
    target != "Plumbline" && target.hasPrefix("Plumb") ? String(target.dropFirst(5)) : target
  }

  /// The imports of the files of each folder of `Sources` with Swift files in it, but the build's plugin, which is no module.
  private static func importsOfFiles() throws -> [String: Set<String>] {
    let sources = root.appending(path: "Sources")
    var result: [String: Set<String>] = [:]
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    for case let file as URL in files where file.pathExtension == "swift" {
      let folder = file.pathComponents[sources.pathComponents.count]
      if folder == "Commit" { continue }
      result[folder, default: []].formUnion(imports(try String(contentsOf: file, encoding: .utf8)))
    }
    return result
  }

  /// The dependencies of each target of a manifest with a folder in `Sources`.
  private static func dependencies(_ manifest: String) -> Graph {
    var result: Graph = [:]
    for text in manifest.split(separator: /\.(systemLibrary|target|executableTarget|testTarget)\(/).dropFirst() {
      guard let name = text.firstMatch(of: /name: "(\w+)"/), let path = text.firstMatch(of: /path: "Sources\/(\w+)"/)
      else { continue }
      let list = text.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.1 ?? ""
      result[String(path.1)] = Set(
        list.matches(of: /"(\w+)"/).map { module(String($0.1)) }.filter { $0 != "ArgumentParser" })
      #expect(module(String(name.1)) == path.1, "target \(name.1) lies in another folder than its name says")
    }
    return result
  }

  /// The modules to which arrows lead from `module`, in one step or more.
  private static func reached(from module: String, _ graph: Graph) -> Set<String> {
    var (found, open) = (Set<String>(), [module])
    while let next = open.popLast() {
      for below in graph[next] ?? [] where found.insert(below).inserted { open.append(below) }
    }
    return found
  }

  /// The faults of a picture of `imports`, a sentence each.
  private static func faults(_ picture: [(module: String, below: [String])], of imports: Graph) -> [String] {
    var (faults, above) = ([String](), Set<String>())
    let graph = Graph(picture.map { ($0.module, Set($0.below)) }) { $0.union($1) }
    for (module, below) in picture {
      above.insert(module)
      faults += below.filter(above.contains).map { "\(module) → \($0) does not run downward" }
      for arrow in below {
        let others = below.filter { $0 != arrow }
        let isNeeded = !others.contains { reached(from: $0, graph).contains(arrow) }
        if imports[module]?.contains(arrow) != true || !isNeeded { faults.append("\(module) → \(arrow) is not needed") }
      }
    }
    for (module, below) in imports.sorted(by: { $0.key < $1.key }) {
      let missing = below.subtracting(reached(from: module, graph)).sorted()
      faults += missing.map { "no arrow leads from \(module) to \($0)" }
    }
    return faults
  }

  @Test func thePictureIsThatOfTheImports() throws {
    let page = Self.root.appending(path: "Sources/Plumbline/Plumbline.docc/Architecture.md")
    let picture = try Self.picture(try String(contentsOf: page, encoding: .utf8))
    let manifest = try String(contentsOf: Self.root.appending(path: "Package.swift"), encoding: .utf8)
    let dependencies = Self.dependencies(manifest)
    let imports = try Self.importsOfFiles().mapValues { Set($0.map(Self.module)).intersection(dependencies.keys) }
    #expect(picture.map(\.module).sorted() == imports.keys.sorted())
    #expect(Self.faults(picture, of: imports) == [])
    // What a C target includes is the compiler's to check.
    for (module, imported) in imports { #expect(dependencies[module] == imported, "dependencies of \(module)") }
  }

  /// A house of three floors, of which the top imports both others.
  @Test(arguments: [
    ("a → b\nb → c\nc →", []), ("a → b c\nb → c\nc →", ["a → c is not needed"]),
    ("a → b\nb →\nc →", ["no arrow leads from a to c", "no arrow leads from b to c"]),
    ("b → c\na → b\nc →", ["a → b does not run downward"]),
    ("a → b\nb → c\nc → a", ["c → a does not run downward", "c → a is not needed"]),
  ]) func aWrongPictureIsFound(picture: String, faults: [String]) throws {
    let picture = try Self.picture("```\n\(picture)\n```\n")
    #expect(Self.faults(picture, of: ["a": ["b", "c"], "b": ["c"], "c": []]) == faults)
  }

  @Test func importsAreReadWhateverStandsBeforeThem() {
    let source = "import A\n@testable import B\npublic import C\n@_exported import D\n// import E\nlet important = 1\n"
    #expect(Self.imports(source) == ["A", "B", "C", "D"])
  }
}
