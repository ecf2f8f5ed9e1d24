/// Proved bounds on what rounding can do to one element of a layer.
///
/// Every function here takes upper bounds of exact magnitudes and returns an upper bound of |computed − exact|, or `nil`
/// where an intermediate may overflow: then the element is *outside the domain* and nothing is claimed of it. All of it
/// is rational arithmetic, so that the bound itself is never rounded down.
///
/// The model of one operation is fl(a ∘ b) = (a ∘ b)(1 + δ) + η with |δ| ≤ u, |η| ≤ half the least positive number and
/// δ·η = 0 (Higham, *Accuracy and Stability of Numerical Algorithms*, sections 2.2 and 2.8).
package enum Tolerance {}
