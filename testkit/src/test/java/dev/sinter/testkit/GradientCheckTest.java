package dev.sinter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.Gradient;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ReverseMode;
import dev.sinter.ir.Value;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class GradientCheckTest {
  private static final GradientCheck CHECK = new GradientCheck(GradientCheckTest::differentiate);

  /// Puts the derivative in the place of a gradient that is the last node, if there is one.
  private static Graph differentiate(Graph graph) {
    if (!hasGradient(graph)) {
      return graph;
    }
    GraphBuilder b = new GraphBuilder();
    Map<Value, Value> map = new HashMap<>();
    graph.body().params().forEach(p -> map.put(p, b.parameter(p.type(), p.name())));
    List<Node> copies = new ArrayList<>();
    List<Value> results = new ArrayList<>();
    for (Node node : graph.body().nodes()) {
      List<Value> operands =
          node.operands().stream().map(v -> Objects.requireNonNull(map.get(v))).toList();
      if (node.op() instanceof Gradient) {
        ReverseMode sweep = new ReverseMode(b);
        sweep.accumulate(operands.getFirst(), b.fill(operands.getFirst().type(), 1));
        sweep.sweep(copies, operands.subList(1, operands.size()));
        for (Value by : operands.subList(1, operands.size())) {
          results.add(
              Objects.requireNonNullElseGet(sweep.cotangent(by), () -> b.fill(by.type(), 0)));
        }
        continue;
      }
      Node copy = b.add(node.op(), operands, node.regions(), "");
      copies.add(copy);
      for (int i = 0; i < copy.results().size(); i++) {
        map.put(node.result(i), copy.result(i));
      }
    }
    return graph.withBody(b.region(results));
  }

  private static boolean hasGradient(Graph graph) {
    return graph.body().nodes().stream().anyMatch(node -> node.op() instanceof Gradient);
  }

  @Test
  void smoothRandomGraphsHaveTheDerivativeThatDifferencesShow() {
    int checked = 0;
    for (int seed = 0; seed < Tier.current().cases(15, 500); seed++) {
      RandomGraphs.Sample sample = RandomGraphs.sample(seed, RandomGraphs.Options.smooth(5));
      try {
        CHECK.check(sample.graph(), sample.inputs(), seed);
        checked++;
      } catch (ReverseMode.UndifferentiableException e) {
        assertThat(e).hasMessageContaining("derivative");
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + sample, e);
      }
    }
    assertThat(checked).isGreaterThan(8);
  }

  @Test
  void refusesAWrongDerivative() {
    Graph graph =
        GraphParser.graph(
            """
            graph f(argument x %x: f32[N]) {
              %s: f32[N] = sin(%x)
              %y: f32[N] = mul(%s, %x)
              return argument y = %y
            }
            """);
    List<Tensor> inputs = List.of(Tensor.of(new float[] {0.3f, -1.2f, 2.5f}, 3));
    CHECK.check(graph, inputs, 1);
    GradientCheck wrong =
        new GradientCheck(g -> {
          Graph right = differentiate(g);
          if (!hasGradient(g)) {
            return right;
          }
          GraphBuilder b = new GraphBuilder();
          List<Value> params = new ArrayList<>();
          right.body().params().forEach(p -> params.add(b.parameter(p.type(), p.name())));
          Value slope = b.inline(right.body(), params).getFirst();
          Value almost = b.add(Pointwise.MUL, slope, b.fill(slope.type(), 1 + 1e-5));
          return right.withBody(b.region(List.of(almost)));
        });
    assertThatThrownBy(() -> wrong.check(graph, inputs, 1)).isInstanceOf(AssertionError.class);
  }
}
