import PlumbModel

extension Engine {
  /// The measure of how well a transformer predicts a text: e to the mean cross-entropy of its tokens.
  ///
  /// The text is cut into windows of as many tokens as asked for; each is read from its own beginning, and each token of a
  /// window but the first is predicted from those before it. The cross-entropies are those of `crossEntropy`, in Float32;
  /// their sum is formed in Float64, in the order of the text.
  package struct Perplexity: Sendable {
    /// The number of tokens predicted.
    package private(set) var predicted = 0
    /// The number of windows.
    package private(set) var windows = 0
    /// The sum of the cross-entropies, in nats.
    package private(set) var totalCrossEntropy = 0.0

    /// The mean cross-entropy, in nats a token; NaN when nothing was predicted.
    package var crossEntropy: Double { totalCrossEntropy / Double(predicted) }

    /// Whether the whole text was read.
    package private(set) var isComplete = true

    /// Reads `tokens` in windows of `window` tokens, and calls `progress` with the number of tokens read so far.
    ///
    /// A last window of a single token predicts nothing and is left out. Once `isInterrupted`, nothing more is read, and what
    /// was read counts.
    ///
    /// Throws what `Pass` throws: a token outside the vocabulary, a window beyond the context, shapes that contradict each
    /// other, or a cancelled task.
    /// - Precondition: a window has at least two tokens.
    package init(
      of tokens: [Int], _ transformer: Transformer, window: Int, threads: Int? = nil,
      isInterrupted: () -> Bool = { false }, progress: (Int) -> Void = { _ in }
    ) throws(PassError) {
      precondition(window >= 2, "a window of \(window) tokens predicts nothing")
      for start in stride(from: 0, to: tokens.count - 1, by: window) {
        let text = Array(tokens[start..<min(start + window, tokens.count)])
        var read = 0
        let pass = try Pass(transformer, threads: threads)
        func receive(_ logits: Activation<Float>) {
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
        do throws(PassError) {
          if isInterrupted() { throw .cancelled }
          try pass.append(text, eachLogits: receive)
        } catch {
          guard error == .cancelled, isInterrupted() else { throw error }
          isComplete = false
          if read > 0 { windows += 1 }
          return
        }
        windows += 1
      }
    }
  }
}
