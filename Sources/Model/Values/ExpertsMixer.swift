/// A mixture of experts: each token is given to some of many feed-forward layers, whose results are added by the router's
/// weights.
///
/// Source: Jiang et al. 2024, *Mixtral of Experts*, section 2.1; Dai et al. 2024, *DeepSeekMoE*, section 3.2, for an expert that
/// is shared.
package struct ExpertsMixer: Sendable {
  /// The choice of experts, and their weights.
  package var router: RouterLayer
  /// The experts, by index.
  package var experts: [GatedFeedForwardLayer]
  /// The expert that every token is given to; `nil` for none.
  package var shared: SharedExpert?

  /// Makes the mixer from its layers.
  package init(router: RouterLayer, experts: [GatedFeedForwardLayer], shared: SharedExpert? = nil) {
    self.router = router
    self.experts = experts
    self.shared = shared
  }
}

/// An expert that every token is given to beside those that are chosen.
package struct SharedExpert: Sendable {
  /// The expert.
  package var feedForward: GatedFeedForwardLayer
  /// The product `[1, hidden]` whose sigmoid multiplies what the expert gives; `nil` for none.
  package var gate: LinearLayer?

  /// Makes the shared expert.
  package init(feedForward: GatedFeedForwardLayer, gate: LinearLayer? = nil) {
    self.feedForward = feedForward
    self.gate = gate
  }
}
