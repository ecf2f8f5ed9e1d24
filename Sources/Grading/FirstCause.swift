/// The place where an engine first went wrong on its own.
package struct FirstCause: Sendable, Codable {
  /// A bug that would give what the dump has.
  package struct Explanation: Sendable, Codable {
    /// The mutant, such as `rotary-embedding pairing-swapped`; two are joined by ` + `.
    package let mutant: String
    /// The bug, in one sentence.
    package let cause: String
    /// The distance of the dump from what the bug gives, in units of what rounding may do: at most 1 explains the dump.
    package let margin: Double
    /// Whether the margin is one of exact values or their enclosures and of proved bounds, as in a verdict; otherwise it is an
    /// estimate in Float64, which ranks bugs.
    package let proved: Bool

    package init(mutant: String, cause: String, margin: Double, proved: Bool = false) {
      self.mutant = mutant
      self.cause = cause
      self.margin = margin
      self.proved = proved
    }
  }

  /// An input on which two bugs that both explain the dump give different results.
  package struct Distinction: Sendable, Codable {
    /// The two bugs.
    package let mutants: [String]
    /// The way to tell them apart, in one sentence.
    package let advice: String
    /// The input as one line, for `plumb fuzz LAYER --replay`; `nil` where none was found, or it has the model's weights.
    package let replay: String?
    /// The element of the layer's output by which they differ most; `nil` where no input was found.
    package let index: [Int]?
    /// The number that the layer without a bug gives there.
    package let right: Float?
    /// The number that each of the two bugs gives there.
    package let outputs: [Float]?

    package init(
      mutants: [String], advice: String, replay: String? = nil, index: [Int]? = nil, right: Float? = nil,
      outputs: [Float]? = nil
    ) {
      self.mutants = mutants
      self.advice = advice
      self.replay = replay
      self.index = index
      self.right = right
      self.outputs = outputs
    }
  }

  /// An expert that was chosen where rounding does not explain it.
  package struct AnotherExpert: Sendable, Codable {
    /// The token, counted from 0.
    package let token: Int
    /// The expert that the dump has a weight for.
    package let chosen: Int
    /// An expert that had to be chosen before it.
    package let preferred: Int
    /// The distance by which the exact score of the preferred one is the greater, at least.
    package let difference: Double
    /// That distance ÷ what rounding may do to the two scores.
    package let margin: Double
  }

  /// The block, or `nil` outside the blocks.
  package let block: Int?
  /// The layer that computed the activation.
  package let layer: String
  /// The activation's name.
  package let name: String
  /// The layers that were checked as one with it, in the order of the pass, its own last.
  package let layers: [String]
  /// Distance ÷ bound of its worst element.
  package let margin: Double
  /// The bugs that explain the dump, the least margin first.
  package var explanations: [Explanation] = []
  /// The nearest bugs that do not explain it.
  package var refuted: [Explanation] = []
  /// The ways to tell the first of `explanations` from each of the others.
  package var distinctions: [Distinction] = []
  /// The number of pairs of bugs that were not tried for want of time; 0 where a bug alone explains the dump.
  package var untriedPairs = 0
  /// The expert that was chosen for a token where the exact scores prefer another, by more than rounding explains; `nil` where the
  /// activation is no router's, or chose as it should.
  package var anotherExpert: AnotherExpert?
  /// The shape of the error, one sentence each.
  package var shape: [String] = []
}
