import PlumbModel

extension Family {
  /// The experts in place of feed-forward layers: how many there are and how they are chosen, by the keys of `config.json` and what
  /// holds where one is missing.
  struct Experts: Sendable {
    /// The number of experts.
    var count = (key: "num_experts", otherwise: 8)
    /// The number that a token is given to.
    var chosen = 2
    /// The elements between the products of an expert.
    var size = (key: "moe_intermediate_size", otherwise: 0)
    /// The elements between the products of the shared expert; `nil` where there is none.
    var sharedSize: (key: String, otherwise: Int)?
    /// The number of shared experts, which are one of as many times an expert's elements; `nil` where there are none.
    var sharedCount: (key: String, otherwise: Int)?
    /// The function that makes a score of a logit.
    var score = RouterLayer.Score.softmax
    /// Whether scores have a bias for the choice, a factor, and 10⁻²⁰ in the sum of weights.
    var isBiased = false
    /// Whether weights have a factor `routed_scaling_factor` without a bias, too.
    var hasFactor = false
    /// The factor by default.
    var factor: Float = 1
    /// The groups that are chosen among first; `nil` where the family has no keys for them.
    var groups: Groups?
    /// Whether a key `mlp_layer_types` may list the blocks that have some.
    var hasTypes = false
    /// The number of blocks at the beginning that have none, by default; `nil` where the family has no key for that.
    var firstPlain: Int?
    /// Whether the weights of the chosen are divided by their sum.
    var isRenormalised = Choice.always
    /// The same where a GGUF file does not say.
    var isRenormalisedInGGUF = true
    /// Whether gates and ups are one matrix of alternate rows, which folders store with inputs for rows; each product has a bias.
    var isInterleaved = false
    /// Whether folders may pack the experts as MXFP4.
    var mayBePacked: Bool { isInterleaved }
    /// Whether keys say which blocks have experts; otherwise all have.
    var isListed = false

    /// Groups of experts.
    struct Groups: Sendable {
      /// The number that groups are compared by.
      let score: ExpertGroups.Score
      /// The number of groups and of those that are kept, by default; `nil` where they must be stated.
      var count, kept: Int?
      /// The value of `topk_method` for which there are groups; `nil` for any.
      var method: String?
    }
  }

  /// The experts of a model, as its container states them.
  struct StatedExperts: Sendable {
    let count, chosen, size: Int
    let sharedSize: Int?
    let isRenormalised: Bool
    var score = RouterLayer.Score.softmax
    var isBiased = false
    var factor: Float = 1
    var groups: ExpertGroups?
    /// Whether each block has experts, in the order of the blocks; all others have as many as are stated here.
    let isSparse: @Sendable (_ block: Int) -> Bool
  }
}

extension HuggingFaceKeys {
  /// The key of the number of experts: transformers writes some families' by another name than the one that their files had.
  private func expertCountKey(_ experts: Family.Experts) throws(ModelError) -> String {
    let names = ["num_experts", "num_local_experts", "n_routed_experts"].filter { self[$0] != .null }
    if let other = names.dropFirst().first(where: { self[$0] != self[names[0]] }) {
      throw fault(names[0], "as many as \(other), which is \(self[other].shown)")
    }
    return names.first ?? experts.count.key
  }

  /// The experts that the file states, where the family has some.
  func experts(_ family: Family, blocks: Int) throws(ModelError) -> Family.StatedExperts? {
    guard let experts = family.experts else { return nil }
    let count = try self.count(expertCountKey(experts), otherwise: experts.count.otherwise)
    let chosen = try self.count("num_experts_per_tok", otherwise: experts.chosen)
    guard chosen <= count else { throw fault("num_experts_per_tok", "at most the \(count) experts") }
    let isRenormalised =
      switch experts.isRenormalised {
      case .never: false
      case .always: true
      case .stated(let key, let otherwise): try flag(key, otherwise: otherwise)
      }
    var step = 1
    var plain: Set<Int> = []
    if experts.isListed {
      step = try self.count("decoder_sparse_step", otherwise: 1)
      if self["mlp_only_layers"] != .null {
        let numbers = self["mlp_only_layers"].elements?.compactMap(\.integer)
        guard let numbers, numbers.count == self["mlp_only_layers"].elements?.count else {
          throw fault("mlp_only_layers", "a list of numbers of blocks")
        }
        plain = Set(numbers)
      }
    }
    let size = try self.count(experts.size.key, otherwise: experts.size.otherwise)
    var sharedSize = try experts.sharedSize.map { size throws(ModelError) in
      try self.count(size.key, otherwise: size.otherwise)
    }
    if let shared = experts.sharedCount {
      sharedSize = size * (try self.count(shared.key, otherwise: shared.otherwise))
    }
    let first = try experts.firstPlain.map { usual throws(ModelError) in try firstPlain(otherwise: usual) } ?? 0
    let types = try experts.hasTypes ? types(blocks) : nil
    return Family.StatedExperts(
      count: count, chosen: chosen, size: size, sharedSize: sharedSize, isRenormalised: isRenormalised,
      score: experts.score, isBiased: experts.isBiased,
      factor: experts.isBiased || experts.hasFactor
        ? try positive("routed_scaling_factor", otherwise: experts.factor) : 1,
      groups: try experts.groups.flatMap { groups throws(ModelError) in try self.groups(groups, count, chosen) },
      isSparse: { [plain, step] in types?[$0] ?? ($0 >= first && !plain.contains($0) && ($0 + 1) % step == 0) })
  }

  /// The groups of `count` experts of which `chosen` are chosen; `nil` where all are kept.
  private func groups(_ usual: Family.Experts.Groups, _ count: Int, _ chosen: Int) throws(ModelError) -> ExpertGroups? {
    if let method = usual.method, self["topk_method"].text != method { return nil }
    let groups = ExpertGroups(
      count: try self.count("n_group", otherwise: usual.count),
      kept: try self.count("topk_group", otherwise: usual.kept),
      score: usual.score)
    guard count.isMultiple(of: groups.count) else { throw fault("n_group", "a divisor of the \(count) experts") }
    guard groups.kept <= groups.count, chosen <= groups.kept * (count / groups.count) else {
      throw fault("topk_group", "at most the \(groups.count) groups, with \(chosen) experts in them")
    }
    return groups.kept == groups.count ? nil : groups
  }

  /// Whether each of `blocks` has experts, where a key lists it.
  private func types(_ blocks: Int) throws(ModelError) -> [Bool]? {
    guard self["mlp_layer_types"] != .null else { return nil }
    let types = (self["mlp_layer_types"].elements ?? []).compactMap(\.text)
    guard types.count == blocks, types.allSatisfy(["dense", "sparse"].contains) else {
      throw fault("mlp_layer_types", "'dense' or 'sparse' for each of \(blocks) blocks")
    }
    return types.map { $0 == "sparse" }
  }

  /// The number of blocks before the first with experts.
  private func firstPlain(otherwise usual: Int) throws(ModelError) -> Int {
    guard self["first_k_dense_replace"] != .null else { return usual }
    guard let count = self["first_k_dense_replace"].integer, count >= 0 else {
      throw fault("first_k_dense_replace", "a number from 0 up")
    }
    return count
  }
}
