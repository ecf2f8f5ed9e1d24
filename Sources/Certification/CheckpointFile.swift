import Foundation
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference

/// A checkpoint of an exact pass as a file: text, every ball without loss.
///
/// Lines: `plumbline checkpoint 1`, `fingerprint HEX`, `tokens 1,2,3`, `precision BITS`, `blocks COUNT`, and then one ball a
/// line, `midpoint ± radius` as hex floats of any length, row by row of `[tokens, hidden]`; last `checksum HEX`.
package enum CheckpointFile {
  private static let version = "plumbline checkpoint 1"

  /// Writes the file under a temporary name, then renames it: killed at any moment, the file before it is whole.
  static func write(
    _ checkpoint: Reference.Pass.Checkpoint, precision: Int, fingerprint: String, tokens: [Int], to path: String
  ) throws(CertificationError) {
    let text = text(of: checkpoint, precision: precision, fingerprint: fingerprint, tokens: tokens)
    do {
      try AtomicFile.write(Array(text.utf8), to: path)
    } catch {
      throw .file(error.description)
    }
  }

  /// The text of the file.
  package static func text(
    of checkpoint: Reference.Pass.Checkpoint, precision: Int, fingerprint: String, tokens: [Int]
  ) -> String {
    var text = """
      \(version)
      fingerprint \(fingerprint)
      tokens \(list(tokens))
      precision \(precision)
      blocks \(checkpoint.blocks)

      """
    for ball in checkpoint.hidden.elements { text += "\(ball)\n" }
    return ChecksumLine.plain.sealed(text)
  }

  /// The pass that goes on from a checkpoint.
  package struct Expectation {
    let fingerprint: String
    let tokens: [Int]
    let blocks: Int
    let hiddenSize: Int

    /// A pass over `tokens` of a model of `blocks` blocks and `hiddenSize` elements a token.
    package init(fingerprint: String, tokens: [Int], blocks: Int, hiddenSize: Int) {
      (self.fingerprint, self.tokens, self.blocks, self.hiddenSize) = (fingerprint, tokens, blocks, hiddenSize)
    }
  }

  /// Reads the file at `path`; `nil` where there is none.
  ///
  /// - Throws: `CertificationError` naming the line that is wrong, or what the file belongs to instead.
  static func read(
    _ path: String, _ expected: Expectation
  ) throws(CertificationError) -> (checkpoint: Reference.Pass.Checkpoint, precision: Int)? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = FileManager.default.contents(atPath: path) else { throw .file("\(path): cannot be read") }
    return try parse(Array(data), file: path, expected)
  }

  /// The checkpoint in `bytes`, which `file` names in messages.
  ///
  /// - Throws: as `read`.
  package static func parse(
    _ bytes: [UInt8], file: String, _ expected: Expectation
  ) throws(CertificationError) -> (checkpoint: Reference.Pass.Checkpoint, precision: Int) {
    func fault(_ line: Int?, _ problem: String) -> CertificationError {
      .checkpoint(file: file, line: line, problem: problem)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw fault(nil, "is not UTF-8 text") }
    // Every line ends with a newline, so that a file that was cut off is seen to be.
    guard text.utf8.last == UInt8(ascii: "\n") else { throw fault(nil, "is cut off") }
    let content = ChecksumLine.plain.content(of: text)
    let lines = content.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    func field(_ line: Int, _ name: String) throws(CertificationError) -> Substring {
      guard lines.count >= line, lines[line - 1].hasPrefix(name + " ") else {
        throw fault(line, "'\(name)' is missing")
      }
      return lines[line - 1].dropFirst(name.count + 1)
    }
    guard lines.first.map(String.init) == version else { throw fault(1, "is not a '\(version)'") }
    guard try field(2, "fingerprint") == expected.fingerprint else { throw fault(2, "belongs to another model") }
    guard try field(3, "tokens") == list(expected.tokens) else { throw fault(3, "belongs to another prompt") }
    guard let precision = Int(try field(4, "precision")), 2...1 << 16 ~= precision else {
      throw fault(4, "is not a precision in bits")
    }
    guard let blocks = Int(try field(5, "blocks")), 0...expected.blocks ~= blocks else {
      throw fault(5, "is not a number of blocks from 0 to \(expected.blocks)")
    }
    let count = expected.tokens.count * expected.hiddenSize
    guard lines.count == 5 + count else { throw fault(nil, "has \(lines.count - 5) elements instead of \(count)") }
    var balls: [Ball] = []
    for (index, line) in lines.enumerated().dropFirst(5) {
      guard let ball = Ball(String(line)), isReasonable(ball.midpoint), isReasonable(ball.radius),
        // Only what is written so takes no more memory than its line.
        ball.description == line
      else {
        throw fault(index + 1, "is not a ball such as 0x1.8p-3 ± 0x1p-40")
      }
      balls.append(ball)
    }
    if let problem = ChecksumLine.plain.problem(in: text) { throw fault(nil, problem) }
    let hidden = Activation(shape: [expected.tokens.count, expected.hiddenSize], elements: balls)
    return (Reference.Pass.Checkpoint(blocks: blocks, hidden: hidden), precision)
  }

  /// Whether a pass could have written `value`: an exponent beyond every activation's would take any memory to add.
  private static func isReasonable(_ value: Rational) -> Bool {
    value.isZero || abs(value.floorLog2) < 1 << 17
  }

  private static func list(_ tokens: [Int]) -> String { tokens.map(String.init).joined(separator: ",") }
}
