import Foundation
import PlumbCases
import PlumbFuzzing
import PlumbModel
import PlumbVerdicts
import Testing

/// The greatest margin that search has found of each layer: a bound that is loosened falls below it.
@Suite struct TightnessTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
  private static let mark = "greatest margin, "

  /// The records of `layer` with the margin that its note says.
  private static func records(of layer: LayerKind) throws -> [(entry: CorpusEntry, margin: Double)] {
    let corpus = try Corpus(of: layer, in: root.appending(path: "Fuzz").path(percentEncoded: false))
    return try corpus.entries.filter { $0.reason.hasPrefix(mark) }.map {
      ($0, try #require(Double($0.reason.dropFirst(mark.count)), "line \($0.line)"))
    }
  }

  /// Whether no operation of `layer` rounds: its bound is 0 on every case.
  private static func neverRounds(_ layer: LayerKind) throws -> Bool {
    let run = FuzzRun(layer: layer, strategies: Strategy.drawn, seed: 51)
    return try (0..<24).allSatisfy { Catalogue.judge(try CheckedCase(run.makeCase($0))).bound == 0 }
  }

  @Test(arguments: LayerKind.allCases) func theRecordStands(layer: LayerKind) throws {
    for (entry, margin) in try Self.records(of: layer) {
      let drift = Catalogue.judge(try CheckedCase(entry.input))
      #expect(drift.verdict == .within, "line \(entry.line)")
      // The note has four digits.
      #expect(Double(String(format: "%.4g", drift.margin)) ?? 0 >= margin, "line \(entry.line): now \(drift.margin)")
    }
  }

  @Test(arguments: LayerKind.allCases) func everyBoundIsApproached(layer: LayerKind) throws {
    let greatest = try Self.records(of: layer).map(\.margin).max()
    guard try !Self.neverRounds(layer) else {
      #expect(greatest == nil)
      return
    }
    let least = Catalogue.signature(of: layer).isElementwise ? 0.25 : 0.1
    #expect(greatest ?? 0 >= least)
  }

  /// Each layer has a page that derives its bound, with the formula of the catalogue and the margin of the corpus.
  @Test(arguments: LayerKind.allCases) func everyBoundIsDerived(layer: LayerKind) throws {
    let catalogue = Self.root.appending(path: "Sources/Plumbline/Plumbline.docc")
    let isGradient = layer.rawValue.hasSuffix("-backward")
    let name = isGradient ? "Derivation-gradients" : "Derivation-\(layer.rawValue)"
    var page = try String(contentsOf: catalogue.appending(path: "\(name).md"), encoding: .utf8)
    // Gradients share a page, on which each has a section.
    if isGradient {
      page = try #require(page.components(separatedBy: "### ").first { $0.hasPrefix("\(layer.rawValue)\n") })
    }
    #expect(page.contains("*Formula*: \(Catalogue.signature(of: layer).formula)\n"))
    let list = try String(contentsOf: catalogue.appending(path: "Derivations.md"), encoding: .utf8)
    #expect(list.contains("- <doc:\(name)>\n"))
    if let greatest = try Self.records(of: layer).map(\.margin).max() {
      #expect(page.contains("Greatest margin found by search: **\(String(format: "%.4g", greatest))**"))
    } else {
      #expect(page.contains("The bound is 0"))
    }
  }
}
