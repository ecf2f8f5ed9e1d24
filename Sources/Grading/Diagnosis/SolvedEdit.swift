import PlumbModel

/// A number of a block that an engine has otherwise at all steps that it is part of, which is solved for.
struct SolvedEdit {
  /// The number in the model.
  let solved: SolvedNumber
  private let change: (inout Block, Float) -> Void

  private init(_ attribute: String, _ given: Float, _ change: @escaping (inout Block, Float) -> Void) {
    solved = SolvedNumber(attribute: attribute, given: given)
    self.change = change
  }

  /// The numbers of the block of index `block` that are above 0.
  static func all(of model: Transformer, block: Int) -> [SolvedEdit] {
    var all: [SolvedEdit] = []
    for branch in model.blocks[block].branches {
      if case .attention(let mixer) = branch.mixer { all += numbers(of: mixer) }
      if let scale = branch.scale {
        all.append(
          SolvedEdit("scale of a branch", scale.factor) { block, number in
            for index in block.branches.indices { block.branches[index].scale?.factor = number }
          })
      }
    }
    return all.filter { $0.solved.given > 0 && $0.solved.given.isFinite }
  }

  private static func numbers(of mixer: AttentionMixer) -> [SolvedEdit] {
    var all: [SolvedEdit] = []
    if let rotary = mixer.rotary {
      all += [
        SolvedEdit("theta", rotary.theta) { block, number in block.editAttention { $0.rotary?.theta = number } },
        SolvedEdit("divisor of positions", rotary.scalingFactor) { block, number in
          block.editAttention { $0.rotary?.scalingFactor = number }
        },
        SolvedEdit("factor of sines and cosines", 1) { block, number in
          block.editAttention { $0.rotary?.magnitude = .number(number) }
        },
      ]
    }
    let scale = mixer.attention.scale ?? 1 / Float(mixer.attention.sizeOfScale).squareRoot()
    all.append(
      SolvedEdit("scale of scores", scale) { block, number in
        block.editAttention {
          ($0.attention.scale, $0.attention.scaleSize, $0.attention.stretch) = (number, nil, .number(1))
        }
      })
    if let cap = mixer.attention.softCap {
      all.append(
        SolvedEdit("soft cap of scores", cap) { block, number in
          block.editAttention { $0.attention.softCap = number }
        })
    }
    if let norm = mixer.queryNorm {
      all.append(
        SolvedEdit("epsilon of the norms of queries and keys", norm.epsilon) { block, number in
          block.editAttention {
            $0.queryNorm = $0.queryNorm?.with(epsilon: number)
            $0.keyNorm = $0.keyNorm?.with(epsilon: number)
          }
        })
    }
    return all
  }

  /// The model whose number is `value`.
  func model(_ value: Float, _ transformer: Transformer, _ block: Int) -> EditedModel {
    let edit = EditedModel.Edit(
      "\(solved.attribute)=\(value)", "The \(solved.attribute) is \(value) in place of \(solved.given)."
    ) { change(&$0, value) }
    return EditedModel(edit, transformer, block)
  }
}
