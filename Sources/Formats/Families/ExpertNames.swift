/// The names of the tensors of experts, `{block}` and `{expert}` standing for their indices; each adds `.weight`.
///
/// A name without `{expert}` is that of all experts' matrices in one tensor, one behind the other.
struct ExpertNames: Sendable {
  /// The product that gives the logits of the experts.
  var router: String
  /// `nil` where `up` holds the gate's rows before its own.
  var gate: String?
  var up: String
  var down: String
  /// The shared expert, where there is one.
  var sharedGate = ""
  var sharedUp = ""
  var sharedDown = ""
  /// The product whose sigmoid multiplies what the shared expert gives; empty where there is none.
  var sharedWeight = ""
  /// Whether `up` holds the rows of gate and up in turn, with inputs for rows unless it is packed, and no name adds `.weight`.
  var isInterleaved = false
  /// The whole name of the tensor of biases for the choice, where there are some.
  var choiceBias = ""

  /// GGUF files' names.
  static let gguf = ExpertNames(
    router: "blk.{block}.ffn_gate_inp", gate: "blk.{block}.ffn_gate_exps", up: "blk.{block}.ffn_up_exps",
    down: "blk.{block}.ffn_down_exps", sharedGate: "blk.{block}.ffn_gate_shexp", sharedUp: "blk.{block}.ffn_up_shexp",
    sharedDown: "blk.{block}.ffn_down_shexp", sharedWeight: "blk.{block}.ffn_gate_inp_shexp")

  /// The same where shared experts have no gate, and experts are chosen by scores with a bias.
  static let ggufWithSharedExperts: ExpertNames = {
    var names = gguf
    (names.sharedWeight, names.choiceBias) = ("", "blk.{block}.exp_probs_b.bias")
    return names
  }()

  /// Names in folders of Hugging Face.
  static let huggingFace = ExpertNames(
    router: "model.layers.{block}.mlp.gate", gate: "model.layers.{block}.mlp.experts.{expert}.gate_proj",
    up: "model.layers.{block}.mlp.experts.{expert}.up_proj",
    down: "model.layers.{block}.mlp.experts.{expert}.down_proj",
    sharedGate: "model.layers.{block}.mlp.shared_expert.gate_proj",
    sharedUp: "model.layers.{block}.mlp.shared_expert.up_proj",
    sharedDown: "model.layers.{block}.mlp.shared_expert.down_proj",
    sharedWeight: "model.layers.{block}.mlp.shared_expert_gate")

  /// The same where shared experts have no gate, and experts are chosen by scores with a bias.
  static let withSharedExperts: ExpertNames = {
    var names = huggingFace
    names.sharedGate = "model.layers.{block}.mlp.shared_experts.gate_proj"
    names.sharedUp = "model.layers.{block}.mlp.shared_experts.up_proj"
    names.sharedDown = "model.layers.{block}.mlp.shared_experts.down_proj"
    names.sharedWeight = ""
    names.choiceBias = "model.layers.{block}.mlp.gate.e_score_correction_bias"
    return names
  }()
}
