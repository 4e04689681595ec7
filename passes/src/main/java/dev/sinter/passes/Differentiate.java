package dev.sinter.passes;

import dev.sinter.ir.Gradient;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.ReverseMode;
import dev.sinter.ir.ReverseMode.UndifferentiableException;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Scan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Puts in the place of each [Gradient] the nodes that compute it, by reverse mode.
///
/// Gradients are answered in the order in which they stand, those in nested regions first, so that
/// the gradient of a gradient meets ordinary nodes only. What was already computed going forward is
/// used again; nothing here removes what is then no longer needed.
public final class Differentiate {
  private Differentiate() {}

  /// Every entry of `model` without gradients.
  public static ModelGraph differentiate(ModelGraph model) {
    return new ModelGraph(
        model.name(),
        model.parameters(),
        model.entries().stream().map(Differentiate::differentiate).toList(),
        model.training(),
        model.contracts());
  }

  /// `graph` without gradients; itself, if it has none.
  ///
  /// @throws DiagnosticException if something on the way of a gradient has no derivative
  public static Graph differentiate(Graph graph) {
    return hasGradient(graph.body()) ? graph.withBody(differentiate(graph.body())) : graph;
  }

  private static Region differentiate(Region region) {
    if (!hasGradient(region)) {
      return region;
    }
    GraphBuilder b = new GraphBuilder();
    Map<Value, Value> map = new HashMap<>();
    for (Value param : region.params()) {
      map.put(param, b.parameter(param.type(), param.name()));
    }
    Set<Node> derived = derivedScans(region);
    for (Node node : region.nodes()) {
      List<Value> operands =
          node.operands().stream().map(v -> Objects.requireNonNull(map.get(v))).toList();
      List<Value> results =
          node.op() instanceof Gradient
              ? answer(b, operands, node.span())
              : copy(b, node, operands, derived.contains(node)).results();
      for (int i = 0; i < node.results().size(); i++) {
        map.put(node.result(i), results.get(i));
      }
    }
    return b.region(
        region.results().stream().map(v -> Objects.requireNonNull(map.get(v))).toList());
  }

  /// Whether a gradient is asked for in the region or in those inside it.
  static boolean hasGradient(Region region) {
    return region.nodes().stream()
        .anyMatch(n ->
            n.op() instanceof Gradient
                || n.regions().stream().anyMatch(Differentiate::hasGradient));
  }

  /// The scans that a gradient goes through: they emit at once what their derivative needs.
  private static Set<Node> derivedScans(Region region) {
    Set<Node> scans = new HashSet<>();
    if (region.nodes().stream().noneMatch(n -> n.op() instanceof Scan)) {
      return scans;
    }
    for (Node gradient : region.nodes()) {
      if (gradient.op() instanceof Gradient) {
        List<Value> operands = gradient.operands();
        Set<Value> reached = new HashSet<>(operands.subList(1, operands.size()));
        Set<Value> wanted = new HashSet<>(operands.subList(0, 1));
        List<Node> forward = new ArrayList<>();
        for (Node node : region.nodes()) {
          if (node.operands().stream().anyMatch(reached::contains)) {
            reached.addAll(node.results());
            forward.add(node);
          }
        }
        for (Node node : forward.reversed()) {
          if (node.results().stream().anyMatch(wanted::contains)) {
            wanted.addAll(node.operands());
            if (node.op() instanceof Scan) {
              scans.add(node);
            }
          }
        }
      }
    }
    return scans;
  }

  private static Node copy(GraphBuilder b, Node node, List<Value> operands, boolean isDerivedScan) {
    List<Region> regions = node.regions().stream().map(Differentiate::differentiate).toList();
    if (isDerivedScan && node.op() instanceof Scan scan) {
      regions = List.of(scan.saving(regions.getFirst()));
    }
    Span before = b.at(node.span());
    Node copy = b.add(node.op(), operands, regions, node.name());
    b.at(before);
    return copy;
  }

  /// Adds the nodes of the gradient of the first operand by the others.
  private static List<Value> answer(GraphBuilder b, List<Value> operands, Span span) {
    Span before = b.at(span);
    Value loss = operands.getFirst();
    List<Value> sources = operands.subList(1, operands.size());
    ReverseMode sweep = new ReverseMode(b);
    sweep.accumulate(loss, b.fill(loss.type(), 1));
    try {
      sweep.sweep(b.nodes(), sources);
    } catch (UndifferentiableException e) {
      throw new DiagnosticException(
          Diagnostic.error(
                  DiagnosticCode.NO_DERIVATIVE, e.span(), Objects.toString(e.getMessage(), ""))
              .also(span, "the gradient asked for here goes through it"));
    }
    List<Value> gradients = new ArrayList<>();
    for (Value source : sources) {
      Value d = sweep.cotangent(source);
      gradients.add(d == null ? b.fill(source.type(), 0) : d);
    }
    b.at(before);
    return gradients;
  }
}
