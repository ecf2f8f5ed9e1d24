import Foundation
import Testing

/// The page that shows the library shows what is compiled: every paragraph of its code stands in an example.
@Suite struct HowToTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The lines without what stands before and behind them, joined.
  private static func plain(_ text: some StringProtocol) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
  }

  @Test func everyParagraphIsOfAnExample() throws {
    let examples = Self.plain(
      try Self.text("Tests/Examples/ThirdParty/Tests/KernelTests/SoftmaxTests.swift")
        + Self.text("Tests/Examples/SwiftEngine/main.swift"))
    let page = try Self.text("Sources/Plumbline/Plumbline.docc/HowTo-Swift.md")
    let blocks = page.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
    #expect(blocks.count >= 4)
    for paragraph in blocks.flatMap({ Self.plain($0).components(separatedBy: "\n\n") }) {
      #expect(examples.contains(paragraph.trimmingCharacters(in: .newlines)), "\(paragraph)")
    }
  }
}
