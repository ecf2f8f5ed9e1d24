/// A branch beside the residual stream: x becomes sumNorm(x + outputNorm(mixer(norm(x)))), without the norms that are `nil`.
///
/// Only `norm`: pre-normalised, as in Llama; only `sumNorm`: post-normalised, as in the first transformer; only
/// `outputNorm`, as in OLMo 2; `norm` and `outputNorm`, as in Gemma 2.
public struct Branch: Sendable {
  /// Before the mixer.
  public var norm: Norm?
  /// The layers whose result is added to the stream.
  public var mixer: Mixer
  /// After the mixer, before the addition.
  public var outputNorm: Norm?
  /// After the addition.
  public var sumNorm: Norm?

  /// Makes the branch.
  public init(norm: Norm? = nil, mixer: Mixer, outputNorm: Norm? = nil, sumNorm: Norm? = nil) {
    self.norm = norm
    self.mixer = mixer
    self.outputNorm = outputNorm
    self.sumNorm = sumNorm
  }
}
