import PlumbModel

/// The experts that a GGUF file states; which blocks have some its tensors say.
struct GGUFExperts: Sendable {
  let count, chosen: Int
  /// The elements between the products of an expert, where the file says how many.
  let size: Int?
  let hasShared, isRenormalised: Bool
  let score: RouterLayer.Score
  /// The number that multiplies the weights.
  let factor: Float
  /// The groups that are chosen among first; `nil` for none.
  let groups: ExpertGroups?

  private static let stated: Set<String> = [
    "expert_count", "expert_used_count", "expert_feed_forward_length", "expert_shared_feed_forward_length",
    "expert_weights_norm",
  ]

  /// The keys of families that say how experts are chosen and weighed.
  private static let ofChoice: Set<String> = [
    "expert_gating_func", "expert_weights_scale", "expert_group_count", "expert_group_used_count",
    "expert_shared_count", "leading_dense_block_count",
  ]

  /// The experts that files of a family may have: those that call themselves `llama` may be Mixtral's.
  private static func experts(of family: Family) -> Family.Experts? {
    family.experts ?? (family.name == Family.llama.name ? Family.mixtral.experts : nil)
  }

  /// The keys that a file of `family` has beside those of all.
  static func keys(of family: Family) -> Set<String> {
    guard let experts = experts(of: family) else { return [] }
    return experts.groups == nil ? stated : stated.union(ofChoice)
  }

  /// Reads the keys of `family`, counts by `count`; `nil` where the file states no experts.
  ///
  /// - Throws: `ModelError` where more experts are chosen than there are; what `count` throws.
  init?(
    _ family: Family, _ metadata: GGUFMetadata, blocks: Int, file: String,
    _ count: (_ key: String) throws(ModelError) -> Int?
  ) throws(ModelError) {
    guard let experts = Self.experts(of: family), metadata.values[family.key("expert_count")] != .integer(0),
      let all = try count(family.key("expert_count"))
    else { return nil }
    self.count = all
    let key = family.key("expert_used_count")
    chosen = try count(key) ?? experts.chosen
    guard chosen <= all else {
      throw ModelError(
        file: file, problem: "key '\(key)' is \(chosen), expected at most the \(all) experts",
        remedy: "convert the model again")
    }
    size = try count(family.key("expert_feed_forward_length"))
    func fault(_ key: String, _ problem: String, _ expected: String) -> ModelError {
      ModelError(
        file: file, problem: "key '\(family.key(key))' is \(problem), expected \(expected)",
        remedy: "convert the model again")
    }
    let isStated = experts.groups != nil
    let shared = isStated ? try metadata.integer(family.key("expert_shared_count")) ?? 0 : 0
    hasShared = experts.sharedSize != nil || shared > 0
    factor = isStated ? try metadata.float(family.key("expert_weights_scale")) ?? 1 : 1
    guard factor > 0 else { throw fault("expert_weights_scale", "\(factor)", "a positive number") }
    let vocabulary = try count(family.key("vocab_size"))
    switch isStated ? try metadata.integer(family.key("expert_gating_func")) ?? 0 : 1 {
    // Files of GLM 4.7 Flash do not say, and llama.cpp tells them by their sizes.
    case 0: score = blocks == 47 && vocabulary == 154_880 ? .sigmoid : .softmax
    case 1: score = .softmax
    case 2: score = .sigmoid
    case let other: throw fault("expert_gating_func", "\(other)", "1 for a softmax or 2 for sigmoids")
    }
    let groupCount = isStated ? try count(family.key("expert_group_count")) ?? 1 : 1
    let kept = isStated ? try count(family.key("expert_group_used_count")) ?? groupCount : 1
    guard all.isMultiple(of: groupCount), kept <= groupCount, chosen <= kept * (all / groupCount) else {
      throw fault(
        "expert_group_used_count", "\(kept)", "some of \(groupCount) groups of \(all) experts, with \(chosen) in them")
    }
    groups = kept == groupCount ? nil : ExpertGroups(count: groupCount, kept: kept, score: .sumOfTwo)
    isRenormalised = try metadata.bool(family.key("expert_weights_norm")) ?? experts.isRenormalisedInGGUF
  }

  /// The experts of a model of so many `blocks`, whose `tensors` say which blocks have them.
  ///
  /// - Throws: `ModelError` where none has.
  func stated(_ blocks: Int, in tensors: [Tensor], of family: Family, file: String) throws(ModelError)
    -> Family.StatedExperts
  {
    let names = Set(tensors.map(\.name))
    let routers = (0..<blocks).map { ExpertNames.gguf.router.replacing("{block}", with: "\($0)") + ".weight" }
    guard routers.contains(where: names.contains) else {
      throw ModelError(
        file: file,
        problem: "key '\(family.key("expert_count"))' is \(count), but no block has a tensor like '\(routers[0])'",
        remedy: "the model is incomplete: fetch or convert it again")
    }
    let bias = family.tensorsInGGUF.experts.choiceBias
    let isBiased =
      !bias.isEmpty && (0..<blocks).contains { names.contains(bias.replacing("{block}", with: "\($0)")) }
    return Family.StatedExperts(
      count: count, chosen: chosen, size: size ?? 0, sharedSize: hasShared ? 0 : nil, isRenormalised: isRenormalised,
      score: score, isBiased: isBiased, factor: factor, groups: groups, isSparse: { names.contains(routers[$0]) })
  }
}
