import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference

/// The exact pass of a model over a prompt, at the precision that encloses every logit and probability as narrowly as
/// wanted.
///
/// It streams: no more than one block's activations are held at a time. With a checkpoint file, what comes out of each
/// block is written there, and a later pass over the same tokens goes on from it.
package struct CertifiedPass: Sendable {
  private let model: LoadedModel
  private let tokens: [Int]
  private let digits: Int
  private let checkpoint: String?

  /// The greatest number of digits that can be asked for.
  package static let greatestDigits = 1000

  /// Makes a pass over `tokens` whose enclosures are narrower than 10^−`digits`.
  ///
  /// - Precondition: 1 ≤ `digits` ≤ `greatestDigits`.
  package init(model: LoadedModel, tokens: [Int], digits: Int, checkpoint: String? = nil) {
    precondition(1...Self.greatestDigits ~= digits, "\(digits) digits")
    self.model = model
    self.tokens = tokens
    self.digits = digits
    self.checkpoint = checkpoint
  }

  /// The width that every enclosure must be below.
  private var greatestWidth: Rational { Rational(1, over: Integer(10).power(digits)) }

  /// The bits of the greatest width, rounded up.
  private var digitBits: Int { Self.bits(of: digits) }

  /// The bits of so many digits, rounded up: 10 < 2^(10/3).
  private static func bits(of digits: Int) -> Int { (10 * digits + 2) / 3 }

  /// A ball is too wide for what is wanted; the bits by which it is.
  private struct TooWide: Error { let bits: Int }

  /// Runs the pass, with more precision for as long as an enclosure comes out too wide.
  ///
  /// `progress` is called with a line for people after each layer. An interrupted pass leaves its checkpoint.
  ///
  /// - Throws: `CertificationError`.
  package func certificate(
    isCancelled: () -> Bool = { false }, progress: @Sendable (String) -> Void = { _ in }
  ) throws(CertificationError) -> Certificate {
    var precision: Int
    do {
      precision = try startingPrecision(isCancelled: isCancelled, progress: progress)
    } catch {
      throw .interrupted(checkpoint: checkpoint)
    }
    var saved = try checkpoint.flatMap { path throws(CertificationError) in
      try CheckpointFile.read(
        path,
        .init(
          fingerprint: model.fingerprint, tokens: tokens, blocks: model.transformer.blocks.count,
          hiddenSize: model.transformer.hiddenSize))
    }
    if let found = saved, found.precision < precision { saved = nil }
    let first = min(saved?.precision ?? precision, Self.greatestPrecision)
    do {
      return try PrecisionLoop.decideOrFail(from: first, upTo: Self.greatestPrecision) { precision, next in
        defer { saved = nil }
        do {
          return try attempt(precision, from: saved?.checkpoint, isCancelled: isCancelled, progress: progress)
        } catch let error as TooWide {
          next = precision + error.bits + 32
          return nil
        }
      }
    } catch let error as CertificationError {
      throw error
    } catch let error as PrecisionExhausted {
      throw .tooWide(precision: error.precision)
    } catch {
      throw .interrupted(checkpoint: checkpoint)
    }
  }

  /// The greatest working precision that is tried, in bits.
  private static let greatestPrecision = 1 << 16

  /// The bits that balls lose from block to block of a model of which nothing is known: somewhat more than was measured on one
  /// of 30 blocks and 576 hidden elements.
  private static let usualLoss = 24
  /// The precision, in bits, that usually suffices for `digits` digits after `blocks` blocks.
  static func usualPrecision(digits: Int, blocks: Int) -> Int { 64 + bits(of: digits) + usualLoss * blocks }

  /// The blocks of a trial, and its precision.
  private static let trial = (blocks: 3, precision: 192)

  /// A precision that is likely to suffice: what the first blocks lose in a trial at a low one, and as much in all others.
  ///
  /// An error relative to the first activations grows as it would at any precision, so that the bits lost in the trial are
  /// those that a pass will lose. A block's worth more is left for the last norm and the unembedding.
  private func startingPrecision(isCancelled: () -> Bool, progress: (String) -> Void) throws -> Int {
    let blocks = model.transformer.blocks.count
    let usual = Self.usualPrecision(digits: digits, blocks: blocks)
    guard blocks > 2 * Self.trial.blocks else { return usual }
    struct Enough: Error {}
    var tops: [Int] = []
    let streams = Set(model.transformer.plan.streams.dropFirst())
    do {
      try Reference.TensorPass(model.transformer, precision: Self.trial.precision).run(
        tokens, isCancelled: isCancelled,
        wanted: { name in
          progress("trial at \(Self.trial.precision) bits: \(name)")
          return streams.contains(name)
        }
      ) { name, exact in
        tops.append((exact.elements.lazy.map(\.radius).max() ?? 0).ceilingLog2 ?? -Self.trial.precision)
        if tops.count == Self.trial.blocks { throw Enough() }
      }
    } catch is Enough {
      let lost = tops[tops.count - 1] + Self.trial.precision
      let rate = Swift.max((tops[tops.count - 1] - tops[0] + tops.count - 2) / (tops.count - 1), 1)
      return Swift.max(digitBits + lost + rate * (blocks - tops.count + 1) + 16, 64 + digitBits)
    } catch is EnclosureError {
      // So few bits do not even reach that far.
    }
    return usual
  }

  private func attempt(
    _ precision: Int, from start: Reference.Pass.Checkpoint?, isCancelled: () -> Bool,
    progress: @Sendable (String) -> Void
  ) throws -> Certificate {
    let blocks = model.transformer.blocks.count
    let first = start?.blocks ?? 0
    let clock = ContinuousClock.now
    var estimate = ""
    var logits: [Ball] = []
    var probabilities: [Ball] = []
    let done = Dictionary(
      model.transformer.plan.streams.enumerated().dropFirst().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    try Reference.TensorPass(model.transformer, precision: precision).run(
      tokens, from: start, isCancelled: isCancelled,
      wanted: { name in
        progress("exact pass at \(precision) bits: \(name)\(estimate)")
        return done[name] != nil || name == ActivationName(.logits) || name == ActivationName(.probabilities)
      }
    ) { name, exact in
      // Balls widen from block to block: one that is too wide already will not become narrower.
      try check(exact.elements)
      guard let done = done[name] else {
        if name == ActivationName(.logits) { logits = exact.elements } else { probabilities = exact.elements }
        return
      }
      if let checkpoint {
        try CheckpointFile.write(
          .init(blocks: done, hidden: exact), precision: precision, fingerprint: model.fingerprint, tokens: tokens,
          to: checkpoint)
      }
      let spent = (ContinuousClock.now - clock) / .seconds(1)
      // A block takes as long as its numbers are. The unembedding is not in it: it takes less than a block in models of
      // many blocks.
      let left = cost(precision, done..<blocks, of: blocks) / cost(precision, first..<done, of: blocks)
      estimate = ", about \(Int((spent * left).rounded(.up))) s left"
    }
    return Certificate(
      tokens: tokens, precision: precision, digits: digits, logits: logits, probabilities: probabilities)
  }

  /// The cost of `range` of the blocks, in units of a bit: numbers fall evenly from `precision` to the bits that are wanted,
  /// and the weights are decoded whatever their length.
  private func cost(_ precision: Int, _ range: Range<Int>, of blocks: Int) -> Double {
    range.reduce(0) { sum, block in
      sum + 100 + Double(digitBits) + Double((precision - digitBits) * (blocks - block)) / Double(blocks)
    }
  }

  private func check(_ balls: [Ball]) throws(TooWide) {
    let radius = balls.lazy.map(\.radius).max() ?? 0
    guard radius * 2 < greatestWidth else {
      throw TooWide(bits: (radius * 2 / greatestWidth).floorLog2 + 1)
    }
  }
}

extension Rational {
  /// The exponent of the least power of two above it, or `nil` for 0.
  fileprivate var ceilingLog2: Int? { isZero ? nil : floorLog2 + 1 }
}
