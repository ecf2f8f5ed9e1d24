import PlumbModel

extension Engine {
  /// How well a transformer predicts a text: e to the mean cross-entropy of its tokens.
  ///
  /// The text is cut into windows of as many tokens as asked for; each is read from its own beginning, and each token of a
  /// window but the first is predicted from those before it. The cross-entropies are those of `crossEntropy`, in Float32;
  /// their sum is formed in Float64, in the order of the text.
  public struct Perplexity: Sendable {
    /// The number of tokens predicted.
    public private(set) var predicted = 0
    /// The number of windows.
    public private(set) var windows = 0
    /// The sum of the cross-entropies, in nats.
    public private(set) var totalCrossEntropy = 0.0

    /// The mean cross-entropy, in nats a token; NaN when nothing was predicted.
    public var crossEntropy: Double { totalCrossEntropy / Double(predicted) }

    /// Reads `tokens` in windows of `window` tokens, and calls `progress` with the number of tokens read so far.
    ///
    /// A last window of a single token predicts nothing and is left out.
    ///
    /// Throws what `Pass` throws: a token outside the vocabulary, a window beyond the context, shapes that contradict each
    /// other, or a cancelled task.
    /// - Precondition: a window has at least two tokens.
    public init(
      of tokens: [Int], _ transformer: Transformer, window: Int, threads: Int? = nil, progress: (Int) -> Void = { _ in }
    ) throws(PassError) {
      precondition(window >= 2, "a window of \(window) tokens predicts nothing")
      for start in stride(from: 0, to: tokens.count - 1, by: window) {
        let text = Array(tokens[start..<min(start + window, tokens.count)])
        var read = 0
        try Pass(transformer, threads: threads).append(text) { logits in
          // The logits of a token predict the one after it; nothing comes after the last.
          let targets = Array(text[(read + 1)..<min(read + 1 + logits.rows, text.count)])
          let scored = Activation(
            shape: [targets.count, logits.columns],
            elements: Array(logits.elements.prefix(targets.count * logits.columns)))
          for loss in Engine.crossEntropy(scored, targets: targets).elements { totalCrossEntropy += Double(loss) }
          read += logits.rows
          predicted += targets.count
          progress(start + read)
        }
        windows += 1
      }
    }
  }
}
