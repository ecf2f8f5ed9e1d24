import PlumbModel

/// The experts that a GGUF file states; which blocks have some its tensors say.
struct GGUFExperts: Sendable {
  let count, chosen: Int
  /// The elements between the products of an expert, where the file says how many.
  let size: Int?
  let hasShared, isRenormalised: Bool

  private static let stated: Set<String> = [
    "expert_count", "expert_used_count", "expert_feed_forward_length", "expert_shared_feed_forward_length",
    "expert_weights_norm",
  ]

  /// The experts that files of a family may have: those that call themselves `llama` may be Mixtral's.
  private static func experts(of family: Family) -> Family.Experts? {
    family.experts ?? (family.name == Family.llama.name ? Family.mixtral.experts : nil)
  }

  /// The keys that a file of `family` has beside those of all.
  static func keys(of family: Family) -> Set<String> { experts(of: family) == nil ? [] : stated }

  /// Reads the keys of `family`, counts by `count`; `nil` where the file states no experts.
  ///
  /// - Throws: `ModelError` where more experts are chosen than there are; what `count` throws.
  init?(
    _ family: Family, _ metadata: GGUFMetadata, file: String, _ count: (_ key: String) throws(ModelError) -> Int?
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
    hasShared = experts.sharedSize != nil
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
    return Family.StatedExperts(
      count: count, chosen: chosen, size: size ?? 0, sharedSize: hasShared ? 0 : nil, isRenormalised: isRenormalised,
      isSparse: { names.contains(routers[$0]) })
  }
}
