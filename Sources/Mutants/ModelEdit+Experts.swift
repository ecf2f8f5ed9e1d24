import PlumbModel

extension ModelEdit {
  /// Choices of experts and their weights that other models have, and experts that are taken for one another.
  static let experts: [ModelEdit] = [
    ModelEdit(
      "renormalisation-swapped",
      "The weights of the chosen experts are divided by their sum where they should not be, or the reverse.",
      of: [.routerWeights]
    ) { $0.editExperts { $0.router.isRenormalised.toggle() } },
    ModelEdit("one-expert-less", "One expert less is chosen than should be.", of: [.routerWeights]) {
      $0.editExperts { $0.router.chosen = max(1, $0.router.chosen - 1) }
    },
    ModelEdit("one-expert-more", "One expert more is chosen than should be.", of: [.routerWeights]) {
      $0.editExperts { $0.router.chosen = min($0.router.experts, $0.router.chosen + 1) }
    },
    ModelEdit("bias-forgotten", "Experts are chosen without the bias of their scores.", of: [.routerWeights]) {
      $0.editExperts { $0.router.choiceBias = nil }
    },
    ModelEdit("factor-forgotten", "The weights are not multiplied by their factor.", of: [.routerWeights]) {
      $0.editExperts { $0.router.factor = 1 }
    },
    ModelEdit("groups-ignored", "Experts are chosen of all groups.", of: [.routerWeights]) {
      $0.editExperts { $0.router.groups = nil }
    },
    ModelEdit(
      "group-score-swapped", "Groups are compared by their greatest score where two should be added, or the reverse.",
      of: [.routerWeights]
    ) {
      $0.editExperts { mixer in
        guard let score = mixer.router.groups?.score else { return }
        mixer.router.groups?.score = score == .greatest ? .sumOfTwo : .greatest
      }
    },
    ModelEdit("sigmoid-scores", "The scores are sigmoids.", of: [.routerWeights]) {
      $0.editExperts { $0.router.score = .sigmoid }
    },
    ModelEdit("next-experts", "Each expert is the next one.", of: [.expertGate, .expertUp, .expertDown]) {
      $0.editExperts { $0.experts = Array($0.experts.dropFirst() + $0.experts.prefix(1)) }
    },
    ModelEdit("gate-up-swapped", "Gate and up of each expert are swapped.", of: [.expertGate, .expertUp]) {
      $0.editExperts { mixer in
        for index in mixer.experts.indices {
          (mixer.experts[index].gate, mixer.experts[index].up) = (mixer.experts[index].up, mixer.experts[index].gate)
        }
      }
    },
  ]
}
