import Foundation
import PlumbModel

// How positions turn queries and keys, which positions a token sees, and how scores are made.
extension EditedModel {
  /// Other turns: of other pairs, by other angles, of other elements, or those of another block.
  static func rotations(_ model: Transformer, _ block: Int) -> [Edit] {
    func edit(_ name: String, _ cause: String, _ change: @escaping (inout RotaryEmbeddingLayer) -> Void) -> Edit {
      .attention("rotary-embedding \(name)", cause) { mixer in
        guard var rotary = mixer.rotary else { return }
        change(&rotary)
        mixer.rotary = rotary
      }
    }
    let headSize = model.plan.attention(inBlock: block)?.headSize ?? 0
    var edits = [
      edit("pairing-swapped", "Neighbours are paired where halves should be, or the reverse.") {
        $0.pairing = $0.pairing == .adjacent ? .halfSplit : .adjacent
      },
      edit("scaling-ignored", "Frequencies are not scaled.") {
        $0.scaling = .none
        $0.scalingFactor = 1
      },
      edit("magnitude-ignored", "Sines and cosines lack their factor.") { $0.magnitude = .number(1) },
      edit("scaling-and-magnitude-ignored", "Frequencies are not scaled, and sines and cosines lack their factor.") {
        $0.scaling = .none
        $0.magnitude = .number(1)
      },
      edit("ramp-truncated", "The ends of YaRN's ramp are rounded to whole pairs.") { $0.scaling = $0.truncatedRamp },
      edit("whole-head-turned", "The whole head is turned where only a part should be.") { $0.rotatedSize = headSize },
      .attention("rotary-embedding left-out", "Positions do not turn queries and keys.") { $0.rotary = nil },
    ]
    edits += [headSize / 2, headSize / 4].filter { $0 >= 2 && $0 % 2 == 0 }.map { size in
      edit("part-turned-\(size)", "Only the first \(size) elements of a head are turned.") { $0.rotatedSize = size }
    }
    edits += [100, 1000, 10_000, 100_000, 500_000, 1_000_000].map { theta in
      edit("theta-\(theta)", "The base of the angles is \(theta).") { $0.theta = Float(theta) }
    }
    let isRotated = model.plan[ActivationName(block: block, .rotatedQuery)] != nil
    return edits
      + others(model, block) { $0.rotary }.map { other, rotary in
        let cause =
          if rotary == nil { "Queries and keys are not rotated, as in block \(other)." } else {
            "Queries and keys are rotated as in block \(other)\(isRotated ? "" : ", where this block should rotate none")."
          }
        return .attention("rotary-embedding of-block-\(other)", cause) { $0.rotary = rotary }
      }
  }

  /// Other masks: without a window, with another, or past the token's own position.
  static func masks(_ model: Transformer, _ block: Int, _ tokens: Int) -> [Edit] {
    func edit(_ name: String, _ cause: String, _ change: @escaping (inout AttentionLayer) -> Void) -> Edit {
      .attention("attention \(name)", cause) { change(&$0.attention) }
    }
    let window = model.plan.attention(inBlock: block)?.window
    var edits = [
      edit("window-ignored", "The window is ignored: a token sees all positions up to its own.") { $0.window = nil },
      edit("mask-ignored", "The mask is ignored: every token sees every position.") {
        $0.isCausal = false
        ($0.window, $0.windowAfter) = (nil, nil)
      },
      edit("mask-one-long", "The mask lets a token see the position after its own.") {
        if $0.isCausal { ($0.isCausal, $0.windowAfter) = (false, 1) }
      },
      edit("causal-despite-none", "The mask hides what follows a token, which it should see.") { $0.isCausal = true },
    ]
    let sizes = Set(
      [window.map { $0 - 1 }, window.map { $0 + 1 }].compactMap { $0 } + Array(1...min(max(tokens, 1), 32)))
    edits += sizes.filter { $0 > 0 && $0 != window }.sorted().map { size in
      edit(
        "window-of-\(size)",
        "The window shows \(size) positions up to a token's own\(window.map { ", not \($0)" } ?? "")."
      ) {
        $0.window = size
      }
    }
    return edits
      + others(model, block) { $0.attention.window }.map { other, window in
        edit("window-of-block-\(other)", "The window is that of block \(other).") { $0.window = window }
      }
  }

  /// Other scores: their scale, their cap, and the logits that join them.
  static func scores(_ model: Transformer, _ block: Int) -> [Edit] {
    func edit(_ name: String, _ cause: String, _ change: @escaping (inout AttentionLayer) -> Void) -> Edit {
      .attention("attention \(name)", cause) { change(&$0.attention) }
    }
    return [
      edit("cap-forgotten", "The soft cap of the scores is forgotten.") { $0.softCap = nil },
      edit("alibi-forgotten", "The linear bias of the scores is forgotten.") { $0.linearBias = nil },
      edit("alibi-reversed", "The slopes of the linear bias are in the reverse order of heads.") {
        $0.linearBias = $0.linearBias?.reversed
      },
      edit("alibi-of-plain-powers", "The slopes are those of a power of two, whatever the number of heads.") {
        $0.linearBias = $0.linearBias?.ofPlainPowers
      },
      edit("alibi-from-1", "Each head has the slope of the head before it, and the first one 1.") {
        $0.linearBias = $0.linearBias?.fromOne
      },
      // transformers 5.24 does so where Falcon's attention is 'eager'.
      edit("alibi-twice", "The linear bias is added twice.") { $0.linearBias = $0.linearBias?.doubled },
      edit("alibi-of-8", "The least slope of the linear bias is 2^-8.") { layer in
        layer.linearBias = layer.linearBias.map { LinearBias(heads: layer.heads, isScaled: $0.isScaled) }
      },
      edit("alibi-scaled-otherwise", "The scale multiplies the linear bias where it should not, or the reverse.") {
        $0.linearBias = $0.linearBias?.otherwiseScaled
      },
      edit("scale-of-head", "The scale is the reciprocal root of a head's size.") {
        ($0.scale, $0.scaleSize, $0.stretch) = (nil, nil, .number(1))
      },
      edit("scale-forgotten", "Scores are not scaled.") { ($0.scale, $0.scaleSize) = (1, nil) },
      edit("scale-1-over-d", "The scale is the reciprocal of a head's size, not of its root.") {
        ($0.scale, $0.scaleSize) = (1 / Float($0.headSize), nil)
      },
      edit("sinks-forgotten", "The sinks are forgotten.") { $0.sinks = nil },
      edit("sinks-negated", "The sinks' signs are turned.") { layer in
        layer.sinks = layer.sinks.map { AttentionSinks(tensor: $0.tensor, logits: $0.logits.map { -$0 }) }
      },
      .attention("attention clamp-forgotten", "Queries, keys and values are not kept within their limit.") {
        $0.clamp = nil
      },
      .attention("attention query-norm-left-out", "The norms of queries and keys are left out.") {
        ($0.queryNorm, $0.keyNorm) = (nil, nil)
      },
      .attention("attention norms-swapped", "The norms of queries and keys are exchanged.") {
        ($0.queryNorm, $0.keyNorm) = ($0.keyNorm, $0.queryNorm)
      },
    ]
  }

  /// The values of other blocks' attention, each once, and never this block's own.
  private static func others<Value: Equatable>(
    _ model: Transformer, _ block: Int, _ value: (AttentionMixer) -> Value
  ) -> [(block: Int, value: Value)] {
    func mixer(_ index: Int) -> AttentionMixer? {
      model.blocks[index].branches.lazy.compactMap { if case .attention(let mixer) = $0.mixer { mixer } else { nil } }
        .first
    }
    guard let own = mixer(block).map(value) else { return [] }
    var found: [(block: Int, value: Value)] = []
    for index in model.blocks.indices {
      guard let other = mixer(index).map(value), other != own, !found.contains(where: { $0.value == other }) else {
        continue
      }
      found.append((index, other))
    }
    return found
  }
}

extension RotaryEmbeddingLayer {
  /// The ramp between whole pairs where it should lie between the very pairs that turn so many times; any other scaling as it is.
  ///
  /// Pair i turns context · theta^(−2i / rotatedSize) / 2π times, so that i is rotatedSize · log(context / 2πn) / (2 · log theta).
  /// Source: Peng et al. 2023, *YaRN*, whose code rounds the first pair down and the last one up.
  fileprivate var truncatedRamp: FrequencyScaling {
    guard case .turns(let factor, let fast, let slow, let context) = scaling else { return scaling }
    func pair(_ turns: Float) -> Double {
      Double(rotatedSize) * log(Double(context) / (2 * Double.pi * Double(turns))) / (2 * log(Double(theta)))
    }
    let (first, last) = (pair(fast).rounded(.down), pair(slow).rounded(.up))
    guard first.isFinite, last.isFinite else { return scaling }
    let ends = (max(Int(first), 0), min(Int(last), rotatedSize - 1))
    return ends.0 <= ends.1 ? .ramp(factor: factor, first: ends.0, last: ends.1) : scaling
  }
}
