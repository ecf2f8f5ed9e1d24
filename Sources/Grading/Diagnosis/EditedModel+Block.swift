import PlumbModel

// The norms, products and branches of a block.
extension EditedModel {
  /// Norms that are left out, of another kind, with another epsilon or other weights.
  static func norms(_ model: Transformer, _ block: Int) -> [Edit] {
    let changes: [(name: String, cause: String, change: (inout Norm?) -> Void)] =
      [
        (
          "one-added", "1 is added to the norm's weights, which should be taken as they are.",
          { $0?.set(addsOne: true) }
        ),
        ("one-forgotten", "The 1 that belongs to the norm's weights is not added.", { $0?.set(addsOne: false) }),
        ("left-out", "The norm is left out.", { $0 = nil }),
        ("of-other-kind", "The norm subtracts the mean where it should not, or the reverse.", { $0 = $0?.ofOtherKind }),
      ]
      + [0, 1e-12, 1e-8, 1e-6, 1e-5, 1e-3].map { epsilon in
        ("epsilon-\(epsilon)", "Epsilon is \(epsilon).", { $0 = $0?.with(epsilon: Float(epsilon)) })
      }
    return changes.flatMap { change in
      NormPlace.allCases.map { place in
        Edit("norm \(change.name) (\(place.rawValue))", change.cause) { $0.edit(place, change.change) }
      }
    }
  }

  /// Products without their bias, or with another's weights, and other functions between them.
  static var products: [Edit] {
    [
      .attention("linear query-bias-forgotten", "The query's bias is not added.") { $0.query = $0.query.unbiased },
      .attention("linear key-bias-forgotten", "The key's bias is not added.") { $0.key = $0.key.unbiased },
      .attention("linear value-bias-forgotten", "The value's bias is not added.") { $0.value = $0.value.unbiased },
      .attention("linear output-bias-forgotten", "The output's bias is not added.") { $0.output = $0.output.unbiased },
      Edit("feed-forward gate-up-swapped", "Gate and up are exchanged.") {
        $0.editFeedForward { ($0.gate, $0.up) = ($0.up, $0.gate) }
      },
      Edit("feed-forward clamp-forgotten", "Gate and up are not clamped.") {
        let unclamped = { (layer: inout GatedFeedForwardLayer) in
          layer.clamp = layer.clamp.map { ClampedGateLayer(alpha: $0.alpha, limit: .greatestFiniteMagnitude) }
        }
        $0.editFeedForward(unclamped)
        $0.editExperts { for index in $0.experts.indices { unclamped(&$0.experts[index]) } }
      },
    ]
      + [ActivationFunction.relu, .gelu, .geluTanh, .silu].map { function in
        Edit(
          "feed-forward activation-\(function.layer.rawValue)", "The activation function is \(function.layer.rawValue)."
        ) {
          block in
          for index in block.branches.indices {
            guard case .feedForward(let layer) = block.branches[index].mixer else { continue }
            block.branches[index].mixer = .feedForward(
              FeedForwardLayer(up: layer.up, activation: function, down: layer.down))
          }
          block.editFeedForward { $0.activation = function }
          block.editExperts { for index in $0.experts.indices { $0.experts[index].activation = function } }
        }
      }
  }

  /// Branches that are scaled or joined otherwise.
  static var wiring: [Edit] {
    [
      Edit("branch unscaled", "What a branch gives is not multiplied by its scale.") { block in
        for index in block.branches.indices { block.branches[index].scale = nil }
      },
      Edit("branch scale-inverted", "A branch's scale divides where it should multiply, or the reverse.") { block in
        for index in block.branches.indices { block.branches[index].scale?.divides.toggle() }
      },
      Edit(
        "branch parallel-swapped",
        "The second branch reads what entered the block in place of the first one's sum, or the reverse."
      ) { block in
        for index in block.branches.indices.dropFirst() { block.branches[index].isParallel.toggle() }
      },
    ]
  }

  /// The places of a block that may have a norm.
  enum NormPlace: String, CaseIterable {
    case attention = "before attention"
    case feedForward = "before the feed-forward layer"
    case attentionOutput = "of what attention gives"
    case feedForwardOutput = "of what the feed-forward layer gives"
    case attentionSum = "of the first sum"
    case feedForwardSum = "of the second sum"
    case heads = "of queries and keys"
  }
}

extension Block {
  /// Changes the norm at `place`, where there is one.
  fileprivate mutating func edit(_ place: EditedModel.NormPlace, _ change: (inout Norm?) -> Void) {
    func edit(_ norm: inout Norm?) { if norm != nil { change(&norm) } }
    let index = [.feedForward, .feedForwardOutput, .feedForwardSum].contains(place) ? 1 : 0
    guard branches.indices.contains(index) else { return }
    switch place {
    case .attention, .feedForward: edit(&branches[index].norm)
    case .attentionOutput, .feedForwardOutput: edit(&branches[index].outputNorm)
    case .attentionSum, .feedForwardSum: edit(&branches[index].sumNorm)
    case .heads:
      editAttention {
        edit(&$0.queryNorm)
        edit(&$0.keyNorm)
      }
    }
  }
}

extension LinearLayer {
  /// The product without its bias.
  fileprivate var unbiased: LinearLayer { LinearLayer(weight: weight) }
}
