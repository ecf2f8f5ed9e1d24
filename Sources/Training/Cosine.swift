import PlumbEngine

/// The cosine by the engine's own kernel, whose bits every machine has.
func cosine(_ x: Double) -> Double { Engine.sinesCosines([x])[0].cosine }
