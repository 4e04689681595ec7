package dev.sinter.passes;

import dev.sinter.ir.Extern;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// A graph whose nodes are gathered into parts; each group of nodes becomes one kernel.
///
/// @param graph the graph that was cut
/// @param body the parts of its body
public record FusedGraph(Graph graph, Body body) {

  /// The parts of a region.
  ///
  /// @param region the region, for its parameters and results
  /// @param parts in an order in which each value is made before it is used
  public record Body(Region region, List<Part> parts) {
    public Body {
      parts = List.copyOf(parts);
    }
  }

  /// What becomes one step of a program, or none.
  public sealed interface Part {
    /// The nodes, in order.
    List<Node> nodes();

    /// The values that other parts or the region's results see.
    List<Value> outputs();

    /// The values made elsewhere that the part reads, each once.
    default List<Value> inputs() {
      Set<Value> made = new LinkedHashSet<>();
      Set<Value> read = new LinkedHashSet<>();
      for (Node node : nodes()) {
        read.addAll(node.operands());
        made.addAll(node.results());
      }
      read.removeAll(made);
      return List.copyOf(read);
    }

    /// The places in the model's text that it comes from, each once.
    default List<Span> spans() {
      Set<Span> spans = new LinkedHashSet<>();
      nodes().forEach(node -> spans.add(node.span()));
      spans.remove(Span.NONE);
      return new ArrayList<>(spans);
    }
  }

  /// Nodes that one kernel computes.
  ///
  /// @param outputs what the kernel stores, the largest first
  /// @param again those of the nodes that another kernel computes too, to spare storing their
  ///   results
  public record Group(List<Node> nodes, List<Value> outputs, Set<Node> again) implements Part {
    public Group {
      nodes = List.copyOf(nodes);
      outputs = List.copyOf(outputs);
      again = java.util.Collections.unmodifiableSet(new LinkedHashSet<>(again));
    }
  }

  /// A node whose result is its operand's memory under other sizes or of another type: no work.
  public record View(Node node) implements Part {
    @Override
    public List<Node> nodes() {
      return List.of(node);
    }

    @Override
    public List<Value> outputs() {
      return node.results();
    }
  }

  /// A node that runs regions.
  ///
  /// @param bodies the parts of each of its regions
  public record Flow(Node node, List<Body> bodies) implements Part {
    public Flow {
      bodies = List.copyOf(bodies);
    }

    @Override
    public List<Node> nodes() {
      return List.of(node);
    }

    @Override
    public List<Value> outputs() {
      return node.results();
    }
  }

  /// A node whose result is data of the model's: no work.
  public record Data(Node node, Tensor tensor) implements Part {
    @Override
    public List<Node> nodes() {
      return List.of(node);
    }

    @Override
    public List<Value> outputs() {
      return node.results();
    }
  }

  /// A node that makes a value a size.
  public record Size(Node node, RuntimeSize size) implements Part {
    @Override
    public List<Node> nodes() {
      return List.of(node);
    }

    @Override
    public List<Value> outputs() {
      return List.of();
    }
  }

  /// A node that the runtime has an algorithm for.
  public record Algorithm(Node node, Extern extern) implements Part {
    @Override
    public List<Node> nodes() {
      return List.of(node);
    }

    @Override
    public List<Value> outputs() {
      return node.results();
    }
  }
}
