package dev.sinter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Verifier;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.text.GraphDifference;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.ir.text.GraphPrinter;
import dev.sinter.ir.text.OpTable;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RandomGraphsTest {
  private static final int CASES = Tier.current().cases(60, 2000);

  private static RandomGraphs.Sample sample(long seed) {
    return RandomGraphs.sample(seed, RandomGraphs.Options.of(12));
  }

  @Test
  void verifyAndComeBackFromTheirText() {
    for (int seed = 0; seed < CASES; seed++) {
      Graph graph = sample(seed).graph();
      new Verifier("RandomGraphs", false).verify(graph);
      String text = GraphPrinter.print(graph);
      assertThat(GraphDifference.of(graph, GraphParser.graph(text))).as(text).isEmpty();
    }
  }

  @Test
  void theSameSeedGivesTheSameGraph() {
    assertThat(sample(7)).hasToString(sample(7).toString());
    assertThat(sample(7).toString()).isNotEqualTo(sample(8).toString());
  }

  @Test
  void everyOpOccurs() {
    Set<String> missing = new TreeSet<>(new OpTable().mnemonics());
    missing.remove("gradient");
    for (int seed = 0; seed < 400 && !missing.isEmpty(); seed++) {
      Set<String> wanted = Set.copyOf(missing);
      RandomGraphs.Options options =
          new RandomGraphs.Options(
              12,
              false,
              dev.sinter.runtime.DType.F32,
              op -> wanted.contains(op) || op.equals("cast"));
      for (Node node : RandomGraphs.sample(seed, options).graph().body().nodes()) {
        missing.remove(node.op().mnemonic());
      }
    }
    assertThat(missing).as("ops that RandomOps makes no node of").isEmpty();
  }

  @Test
  void roundedResultsAreWithinTheBoundThatIsCarried() {
    for (int seed = 0; seed < CASES; seed++) {
      RandomGraphs.Sample sample = sample(seed);
      List<Tensor> rounded = Interpreter.rounding().run(sample.graph(), sample.inputs());
      assertThat(Closeness.fault(sample.graph(), sample.inputs(), rounded))
          .as("seed %s: %s", seed, sample)
          .isEmpty();
    }
  }

  @Test
  void shrinkingKeepsWhatFails() {
    RandomGraphs.Sample sample = null;
    for (int seed = 0; sample == null; seed++) {
      // A size that data tells keeps the nodes that tell it.
      RandomGraphs.Options told =
          new RandomGraphs.Options(12, false, DType.F32, op -> !op.equals("runtime_size"));
      RandomGraphs.Sample drawn = RandomGraphs.sample(seed, told);
      sample = hasSin(drawn) ? drawn : null;
    }
    RandomGraphs.Sample small = Shrinking.shrink(sample, RandomGraphsTest::hasSin);
    assertThat(small.graph().body().nodes()).as(small.toString()).hasSize(1);
    assertThat(small.graph().outputs()).hasSize(1);
    assertThat(small.toString()).contains("= sin(%");
    Interpreter.rounding().run(small.graph(), small.inputs());
  }

  private static boolean hasSin(RandomGraphs.Sample sample) {
    return sample.graph().body().nodes().stream().anyMatch(n -> n.op() == Pointwise.SIN);
  }
}
