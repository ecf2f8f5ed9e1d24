// A model that differs from another in a detail is that other with a part edited.
extension Block {
  /// Edits the attention of each branch that has one.
  package mutating func editAttention(_ edit: (inout AttentionMixer) -> Void) {
    for index in branches.indices {
      guard case .attention(var mixer) = branches[index].mixer else { continue }
      edit(&mixer)
      branches[index].mixer = .attention(mixer)
    }
  }

  /// Edits the gated feed-forward layer of each branch that has one, and that of a shared expert.
  package mutating func editFeedForward(_ edit: (inout GatedFeedForwardLayer) -> Void) {
    for index in branches.indices {
      guard case .gatedFeedForward(var layer) = branches[index].mixer else { continue }
      edit(&layer)
      branches[index].mixer = .gatedFeedForward(layer)
    }
    editExperts { mixer in if var shared = mixer.shared { edit(&shared.feedForward); mixer.shared = shared } }
  }

  /// Edits the experts of each branch that has some.
  package mutating func editExperts(_ edit: (inout ExpertsMixer) -> Void) {
    for index in branches.indices {
      guard case .experts(var mixer) = branches[index].mixer else { continue }
      edit(&mixer)
      branches[index].mixer = .experts(mixer)
    }
  }
}

extension Transformer {
  /// The same model with each block edited, and another name where one is given.
  package func editing(name: String? = nil, _ edit: (inout Block) -> Void) -> Transformer {
    var edited = blocks
    for index in edited.indices { edit(&edited[index]) }
    return Transformer(name: name ?? self.name, contextLength: contextLength, stem: stem, blocks: edited, head: head)
  }
}
