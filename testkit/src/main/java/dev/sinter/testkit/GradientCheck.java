package dev.sinter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.GradientDifferences;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/// Holds the gradient that a pass makes to central differences.
public final class GradientCheck {
  private static final int DIRECTIONS = 8;
  private static final double TOLERANCE = 1e-6;

  private final GradientDifferences differences;

  /// @param differentiate puts the gradient's own nodes in the place of [dev.sinter.ir.Gradient]
  public GradientCheck(UnaryOperator<Graph> differentiate) {
    this(differentiate, GradientDifferences.SMOOTH);
  }

  /// @param step how far inputs are moved
  public GradientCheck(UnaryOperator<Graph> differentiate, double step) {
    this.differences = new GradientDifferences(differentiate, step);
  }

  /// Fails unless the gradients of `graph` by each of its float inputs agree with differences,
  /// along 8 directions each: `|d - fd| <= 1e-6 * max(|d|, |fd|, 1e-3 * |g|)`.
  ///
  /// @param inputs values of the inputs, away from kinks
  /// @param seed of the directions and weights
  public void check(Graph graph, List<Tensor> inputs, long seed) {
    check(graph, inputs, GradientDifferences.floats(graph, inputs), seed);
  }

  /// Fails unless the gradients of `graph` by the inputs of these numbers agree with differences.
  public void check(Graph graph, List<Tensor> inputs, List<Integer> by, long seed) {
    for (GradientDifferences.Slope slope :
        differences.slopes(graph, inputs, by, DIRECTIONS, seed)) {
      assertThat(slope.agrees(TOLERANCE)).as("%s of %s", slope, graph.name()).isTrue();
    }
  }
}
