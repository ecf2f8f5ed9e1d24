import Foundation
import PlumbEngine
import PlumbModel
import Testing

@Suite struct PerplexityTests {
  private func transformer() -> Transformer {
    var random = SplitMix64(seed: 72)
    return random.transformer(Sizes())
  }

  private let text = (0..<41).map { ($0 * $0 + 3) % 13 }

  @Test func `the logits of each token are those of a pass that ends there`() throws {
    let pass = try Engine.Pass(transformer(), threads: 2)
    try pass.append([5])
    var rows: [[Float]] = []
    try pass.append(text) { logits in rows += (0..<logits.rows).map { Array(logits.row($0)) } }
    #expect(rows.count == text.count)
    let other = try Engine.Pass(transformer(), threads: 1)
    try other.append([5])
    for (token, row) in zip(text, rows) {
      #expect(try other.append([token]).elements.map(\.bitPattern) == row.map(\.bitPattern))
    }
    // Both go on from the same state.
    #expect(try pass.append([1]).elements == other.append([1]).elements)
  }

  /// −log softmax by the C library's functions, which the engine does not use.
  private func loss(_ logits: [Float], _ target: Int) -> Double {
    log(logits.map { exp(Double($0) - Double(logits[target])) }.reduce(0, +))
  }

  @Test(arguments: [2, 7, 40, 41, 64]) func `each window is predicted from its own beginning`(window: Int) throws {
    var (total, count) = (0.0, 0)
    for start in stride(from: 0, to: text.count, by: window) {
      let piece = Array(text[start..<min(start + window, text.count)])
      let pass = try Engine.Pass(transformer())
      for (token, target) in zip(piece, piece.dropFirst()) {
        total += loss(try pass.append([token]).elements, target)
        count += 1
      }
    }
    let result = try Engine.Perplexity(of: text, transformer(), window: window)
    #expect(result.predicted == count)
    // Each cross-entropy is rounded to Float32 once: half an ulp, 2⁻²⁴ of it, and the C library's own few 2⁻⁵².
    #expect(abs(result.totalCrossEntropy - total) <= total * 0x1p-23)
    #expect(result.crossEntropy == result.totalCrossEntropy / Double(count))
  }

  @Test func `a single token predicts nothing`() throws {
    let result = try Engine.Perplexity(of: [3], transformer(), window: 8)
    #expect(result.predicted == 0 && result.windows == 0 && result.crossEntropy.isNaN)
  }

  @Test func `the generator shows the logits it chose from`() throws {
    var generator = Engine.Generator(try Engine.Pass(transformer()), prompt: [4, 9, 2], limit: 3)
    #expect(generator.logits == nil)
    while let token = try generator.next() {
      let logits = try #require(generator.logits).elements
      #expect(logits.max() == logits[token])
    }
  }
}
