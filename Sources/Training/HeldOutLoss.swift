import PlumbEngine

/// The cross-entropy of a text under a model, each byte from those before it in its window.
package struct HeldOutLoss: Sendable, Codable, Hashable {
  /// The number of bytes of the text; the first has no prediction and counts as 8 bits.
  package let bytes: Int
  /// The bits that the text would take, coded by the model, a byte.
  package let bitsPerByte: Double

  /// Judges `text` by the weights of `pass`, in windows of a context that begin half a context apart: but for the first, a byte is
  /// predicted from half a context at least.
  ///
  /// - Precondition: the text has more bytes than a context.
  init(_ pass: Engine.TrainingPass, _ text: [UInt8]) {
    let (context, sequences) = (pass.tokens, pass.sequences)
    var windows: [(start: Int, counted: Range<Int>)] = []
    var counted = 0
    while counted < text.count - 1 {
      let start = min(max(0, counted - context / 2), text.count - 1 - context)
      windows.append((start, counted - start..<context))
      counted = start + context
    }
    // Eight bits for the first byte.
    var nats = 8 * ln2
    for first in stride(from: 0, to: windows.count, by: sequences) {
      let some = windows[first..<min(first + sequences, windows.count)]
      // The rest of the batch holds its last window again.
      let filled =
        Array(some)
        + [(start: Int, counted: Range<Int>)](repeating: some[some.endIndex - 1], count: sequences - some.count)
      let losses = pass.losses(
        filled.flatMap { text[$0.start..<$0.start + context] },
        filled.flatMap { text[$0.start + 1...$0.start + context] })
      for (index, window) in some.enumerated() {
        for place in window.counted { nats += losses[index * context + place] }
      }
    }
    bytes = text.count
    bitsPerByte = nats / ln2 / Double(text.count)
  }
}

/// The natural logarithm of 2.
let ln2 = 0.6931471805599453
