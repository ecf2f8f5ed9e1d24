import PlumbFormats
import PlumbModel

/// The state of a training behind a step, as a file.
///
/// A line `plumbline training 1`, a line that names the training, a line `step N`, then the weights, the means and the means
/// of the squares as little-endian Float32s; last the SHA-256 of all before it, 32 bytes.
package struct TrainingCheckpoint {
  /// The number of steps done.
  package var step: Int
  /// The numbers, each in the places of the weights.
  package var weights, means, squares: [Float]

  private static let version = "plumbline training 1\n"

  /// The bytes of the file, of a training that `identity` names in a line.
  package func bytes(_ identity: String) -> [UInt8] {
    var bytes = Array((Self.version + identity + "\nstep \(step)\n").utf8)
    bytes.reserveCapacity(bytes.count + 12 * weights.count + 32)
    for numbers in [weights, means, squares] { bytes += littleEndian(numbers.map(\.bitPattern)) }
    return bytes + Digest.sha256(bytes)
  }

  /// Reads the file at `path`, of a training of `count` weights and at most `steps` steps that `identity` names.
  ///
  /// - Throws: `TrainingError.checkpoint` where it is damaged, or of another training.
  static func read(_ path: String, identity: String, count: Int, steps: Int) throws(TrainingError) -> TrainingCheckpoint
  {
    let bytes: [UInt8]
    do {
      bytes = try WholeFile.read(path, atMost: 1 << 33)
    } catch { throw .other(error.description) }
    return try parse(bytes, file: path, identity: identity, count: count, steps: steps)
  }

  /// Reads `bytes`, which `file` names in messages, as `read` does.
  ///
  /// - Throws: `TrainingError.checkpoint` where they are damaged, or of another training.
  package static func parse(
    _ bytes: [UInt8], file: String, identity: String, count: Int, steps: Int
  ) throws(TrainingError) -> TrainingCheckpoint {
    func fault(_ problem: String) -> TrainingError { .checkpoint(file: file, problem: problem) }
    guard bytes.starts(with: version.utf8) else { throw fault("is not a '\(version.dropLast())'; name another file") }
    guard bytes.count > 32, Digest.sha256(Array(bytes.dropLast(32))) == Array(bytes.suffix(32)) else {
      throw fault("is damaged or cut off: its checksum is wrong; remove it, and train from the start")
    }
    let lines = bytes.prefix(1 << 16).split(
      separator: UInt8(ascii: "\n"), maxSplits: 3, omittingEmptySubsequences: false)
    guard lines.count == 4, lines[1].elementsEqual(identity.utf8) else {
      throw fault(
        "is of another training, by its configuration or its text; name another file, or train from the start")
    }
    let words = String(decoding: lines[2], as: UTF8.self).split(separator: " ")
    let start = version.utf8.count + lines[1].count + lines[2].count + 2
    guard words.count == 2, words[0] == "step", let step = Int(words[1]), 0...steps ~= step,
      bytes.count == start + 12 * count + 32
    else { throw fault("contradicts itself; remove it, and train from the start") }
    func numbers(_ part: Int) -> [Float] {
      (0..<count).map { index in
        let place = start + 4 * (part * count + index)
        return Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) })
      }
    }
    return TrainingCheckpoint(step: step, weights: numbers(0), means: numbers(1), squares: numbers(2))
  }
}
