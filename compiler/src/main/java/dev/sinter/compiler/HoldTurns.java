package dev.sinter.compiler;

import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Op;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.op.Scan;
import dev.sinter.ir.op.While;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Holds the loops of a model to a number of turns: one that counts more is refused, and one that
/// ends by a condition fails when it has run as often.
public final class HoldTurns {
  private final long most;

  private HoldTurns(long most) {
    this.most = most;
  }

  /// The model whose loops have at most `most` turns.
  ///
  /// @throws DiagnosticException if a loop is certain to have more
  public static ModelGraph in(ModelGraph model, long most) {
    HoldTurns turns = new HoldTurns(most);
    List<Graph> entries =
        model.entries().stream().map(entry -> entry.withBody(turns.region(entry.body()))).toList();
    return new ModelGraph(
        model.name(), model.parameters(), entries, model.training(), model.contracts());
  }

  private Region region(Region region) {
    Map<Value, Value> map = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Node node : region.nodes()) {
      List<Value> operands = of(map, node.operands());
      List<Region> regions = node.regions().stream().map(this::region).toList();
      Op op = held(node);
      boolean same =
          op.equals(node.op())
              && operands.equals(node.operands())
              && regions.equals(node.regions());
      Node now = same ? node : new Node(op, operands, regions, node.name(), node.span());
      nodes.add(now);
      for (int i = 0; i < node.results().size(); i++) {
        map.put(node.result(i), now.result(i));
      }
    }
    return nodes.equals(region.nodes())
        ? region
        : new Region(region.params(), nodes, of(map, region.results()));
  }

  private Op held(Node node) {
    if (node.op() instanceof Scan scan
        && scan.steps().isConstant()
        && scan.steps().constant() > most) {
      throw new DiagnosticException(
          Diagnostic.error(
                  DiagnosticCode.LIMIT_EXCEEDED,
                  node.span(),
                  "this loop has %d turns".formatted(scan.steps().constant()))
              .note("a loop may have %d turns".formatted(most))
              .help("allow it more with `--most-turns`"));
    }
    return node.op() instanceof While loop && loop.fails() && loop.limit() > most
        ? new While(loop.carried(), most, true)
        : node.op();
  }

  private static List<Value> of(Map<Value, Value> map, List<Value> values) {
    return values.stream().map(v -> map.getOrDefault(v, v)).toList();
  }
}
