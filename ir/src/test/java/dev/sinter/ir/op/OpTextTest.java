package dev.sinter.ir.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Op;
import dev.sinter.ir.Region;
import dev.sinter.ir.text.GraphDifference;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.ir.text.GraphPrinter;
import dev.sinter.ir.text.OpTable;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The text form of every op, and of its derivative.
class OpTextTest {
  private static Graph graph(Region region) {
    List<Graph.Input> inputs =
        region.params().stream().map(p -> new Graph.Input(p.name(), Graph.Role.ARGUMENT)).toList();
    List<Graph.Output> outputs =
        IntStream.range(0, region.results().size())
            .mapToObj(i -> new Graph.Output("y" + i, Graph.Role.ARGUMENT))
            .toList();
    return new Graph("case", inputs, outputs, region, Facts.NONE);
  }

  private static void comesBack(Graph graph) {
    String text = GraphPrinter.print(graph);
    Graph read = GraphParser.graph(text);
    assertThat(GraphDifference.of(graph, read)).as(text).isEmpty();
    assertThat(GraphPrinter.print(read)).isEqualTo(text);
  }

  @Test
  void everyOpComesBackFromItsText() {
    OpTest.cases().forEach(c -> comesBack(graph(c.region())));
  }

  @Test
  void everyDerivativeComesBackFromItsText() {
    OpTest.differentiable()
        .forEach(c -> comesBack(graph(Gradients.gradient(Gradients.weighted(c.region())))));
  }

  @Test
  void mnemonicsAreTheNamesOfTheClasses() {
    Map<String, Class<? extends Op>> records = new OpTable().records();
    for (OpCase c : OpTest.cases()) {
      assertThat(records).containsEntry(c.op().mnemonic(), c.op().getClass());
    }
    assertThat(new OpTable().mnemonics()).doesNotHaveDuplicates().contains("add", "sort", "conv");
  }
}
