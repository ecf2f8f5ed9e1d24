import PlumbModel

/// A bug that is another model: what it changes in a block, all else being computed as it should be.
///
/// The mutants of a whole block and the hypotheses about one step of a pass are made of the same edits.
package struct ModelEdit: Sendable {
  /// The name, unique among the edits.
  package let name: String
  /// The bug, in one sentence.
  package let bug: String
  /// The activations that the edited block computes by another layer; empty where the bug is one of several steps at once.
  package let steps: Set<ActivationName.Role>
  /// The change.
  let edit: @Sendable (inout Block) -> Void

  init(
    _ name: String, _ bug: String, of steps: Set<ActivationName.Role> = [],
    _ edit: @escaping @Sendable (inout Block) -> Void
  ) {
    self.name = name
    self.bug = bug
    self.steps = steps
    self.edit = edit
  }

  /// The layer that `step` is in the edited model; `nil` where the edit leaves it as it is, or does not apply.
  package func operation(of step: Step, in transformer: Transformer) -> Operation? {
    guard steps.contains(step.name.role), let index = step.name.block else { return nil }
    var block = transformer.blocks[index]
    edit(&block)
    let edited = Plan(block, hidden: transformer.hiddenSize)[ActivationName(block: 0, step.name.role)]?.operation
    if case .rotaryEmbedding(let layer)? = edited, case .rotaryEmbedding(layer) = step.operation { return nil }
    if case .attentionScores(let layer)? = edited, case .attentionScores(layer) = step.operation { return nil }
    return edited
  }
}

// Whole blocks.
extension ModelEdit {
  static let pairingSwapped = ModelEdit(
    "pairing-swapped", "Neighbours are paired where halves should be, or the reverse."
  ) { $0.editRotary { $0.pairing = $0.pairing == .adjacent ? .halfSplit : .adjacent } }

  static let theta10000 = ModelEdit("theta-10000", "The base is 10000 whatever the model says.") {
    $0.editRotary { $0.theta = 10_000 }
  }

  static let factorIgnored = ModelEdit("factor-ignored", "Positions are not scaled.") {
    $0.editRotary {
      $0.scalingFactor = 1
      $0.scaling = .none
      $0.magnitude = .number(1)
    }
  }

  static let nothingTurned = ModelEdit("nothing-turned", "Positions are forgotten.") {
    $0.editAttention { $0.rotary = nil }
  }

  static let maskIgnored = ModelEdit("mask-ignored", "Every token sees every position.") {
    $0.editAttention {
      $0.attention.isCausal = false
      $0.attention.window = nil
    }
  }

  static let capForgotten = ModelEdit("cap-forgotten", "The soft cap is forgotten.") {
    $0.editAttention { $0.attention.softCap = nil }
  }

  static let gateUpSwapped = ModelEdit("gate-up-swapped", "Gate and up are swapped.") {
    $0.editFeedForward { ($0.gate, $0.up) = ($0.up, $0.gate) }
  }

  static let siluForAll = ModelEdit("silu-for-all", "The activation is SiLU, whatever it should be.") {
    $0.editFeedForward { $0.activation = .silu }
  }

  static let normAfter = ModelEdit(
    "norm-after", "The norms follow the sums where they should come before, or the reverse."
  ) { block in
    for index in block.branches.indices {
      let branch = block.branches[index]
      (block.branches[index].norm, block.branches[index].sumNorm) = (branch.sumNorm, branch.norm)
    }
  }

  static let normForgotten = ModelEdit("norm-forgotten", "The attention's norm is left out.") {
    $0.editNorms(ofBranch: 0) { $0 = nil }
  }

  static let secondNormForgotten = ModelEdit("second-norm-forgotten", "The feed-forward layer's norm is left out.") {
    $0.editNorms(ofBranch: 1) { $0 = nil }
  }

  static let normsSwapped = ModelEdit("norms-swapped", "The norms' weights are swapped.") { block in
    let (first, second) = (block.branches[0], block.branches[1])
    block.editNorms(ofBranch: 0) { $0 = second.norm ?? second.sumNorm }
    block.editNorms(ofBranch: 1) { $0 = first.norm ?? first.sumNorm }
  }

  static let normLess1 = ModelEdit("norm-less-1", "1 is added to the norms' weights.") { block in
    for index in block.branches.indices {
      block.editNorms(ofBranch: index) { norm in
        guard case .rms(var layer) = norm else { return }
        layer.addsOne = true
        norm = .rms(layer)
      }
    }
  }
}

// Single steps.
extension ModelEdit {
  /// The edits that make one step another.
  package static let ofSteps: [ModelEdit] = weights + bases + scalings + experts + sinks + linearBiases

  /// Layers whose weights are easily given to one another.
  private static let weights: [ModelEdit] = [
    given(.key, to: .value), given(.value, to: .key), given(.gate, to: .up), given(.up, to: .gate),
    given(.query, to: .attentionOutput), given(.attentionOutput, to: .query),
    ModelEdit(
      "weights-of-attention-norm", "The weights are those of attention-norm.", of: [.feedForwardNorm],
      normsSwapped.edit),
    ModelEdit(
      "weights-of-feed-forward-norm", "The weights are those of feed-forward-norm.", of: [.attentionNorm],
      normsSwapped.edit), given(.query, to: .key), given(.key, to: .query),
  ]

  /// Bases of the angles that other models have.
  private static let bases: [ModelEdit] = [100_000, 500_000, 1_000_000].map { theta in
    ModelEdit("theta-\(theta)", "The base is \(theta).", of: [.rotatedQuery, .rotatedKey]) {
      $0.editRotary { $0.theta = Float(theta) }
    }
  }

  /// The parts of a scaling that are easily forgotten.
  private static let scalings: [ModelEdit] = [
    ModelEdit("scaling-ignored", "Frequencies are not scaled.", of: [.rotatedQuery, .rotatedKey], factorIgnored.edit),
    // The catalogue's layer has this bug for heads whose first elements are turned.
    ModelEdit("pairing-swapped", pairingSwapped.bug, of: [.rotatedQuery, .rotatedKey]) {
      $0.editRotary { if $0.firstRotated > 0 { $0.pairing = $0.pairing == .adjacent ? .halfSplit : .adjacent } }
    },
    ModelEdit("first-elements-turned", "The first elements of a head are turned.", of: [.rotatedQuery, .rotatedKey]) {
      $0.editRotary { $0.firstRotated = 0 }
    },
    ModelEdit("stretch-forgotten", "The scale lacks the square of its stretch.", of: [.attentionScores]) {
      $0.editAttention { $0.attention.stretch = .number(1) }
    },
    ModelEdit("magnitude-ignored", "Sines and cosines lack their factor.", of: [.rotatedQuery, .rotatedKey]) {
      $0.editRotary { $0.magnitude = .number(1) }
    },
  ]

  /// Sinks that are forgotten, or that count for another head.
  private static let sinks: [ModelEdit] = [
    ModelEdit("sink-forgotten", "The sinks are forgotten.", of: [.attentionWeights]) {
      $0.editAttention { $0.attention.sinks = nil }
    },
    ModelEdit("sink-of-next-head", "Each head has the sink of the next one.", of: [.attentionWeights]) {
      $0.editAttention { mixer in
        guard let sinks = mixer.attention.sinks else { return }
        mixer.attention.sinks = AttentionSinks(
          tensor: sinks.tensor, logits: Array(sinks.logits.dropFirst() + sinks.logits.prefix(1)))
      }
    },
    ModelEdit("sink-negated", "The sinks' signs are turned.", of: [.attentionWeights]) {
      $0.editAttention { mixer in
        guard let sinks = mixer.attention.sinks else { return }
        mixer.attention.sinks = AttentionSinks(tensor: sinks.tensor, logits: sinks.logits.map { -$0 })
      }
    },
  ]

  /// Linear biases of other slopes, or scaled otherwise, for models whose bias the catalogue's layer does not have.
  private static let linearBiases: [ModelEdit] = [
    ModelEdit(
      "alibi-scaled-otherwise", "The scale multiplies the linear bias where it should not, or the reverse.",
      of: [.attentionScores]
    ) {
      $0.editAttention { $0.attention.linearBias = $0.attention.linearBias?.otherwiseScaled }
    },
    ModelEdit("alibi-forgotten", "The linear bias is forgotten.", of: [.attentionScores]) {
      $0.editAttention { $0.attention.linearBias = nil }
    },
  ]

  private static func given(_ giver: ActivationName.Role, to taker: ActivationName.Role) -> ModelEdit {
    ModelEdit("weights-of-\(giver.rawValue)", "The weights are those of \(giver.rawValue).", of: [taker]) { block in
      block.editAttention { mixer in
        if let from = products[giver], let to = products[taker] { mixer[keyPath: to] = mixer[keyPath: from] }
      }
      block.editFeedForward { layer in
        if giver == .gate, taker == .up { layer.up = layer.gate }
        if giver == .up, taker == .gate { layer.gate = layer.up }
      }
    }
  }

  private static var products: [ActivationName.Role: WritableKeyPath<AttentionMixer, LinearLayer>] {
    [.query: \.query, .key: \.key, .value: \.value, .attentionOutput: \.output]
  }
}

extension Block {
  /// Edits how positions turn queries and keys, where they do.
  fileprivate mutating func editRotary(_ edit: (inout RotaryEmbeddingLayer) -> Void) {
    editAttention { mixer in
      guard var rotary = mixer.rotary else { return }
      edit(&rotary)
      mixer.rotary = rotary
    }
  }

  /// Edits the norms before and after the branch of this index, where there are some.
  fileprivate mutating func editNorms(ofBranch index: Int, _ edit: (inout Norm?) -> Void) {
    if branches[index].norm != nil { edit(&branches[index].norm) }
    if branches[index].sumNorm != nil { edit(&branches[index].sumNorm) }
  }
}
