package dev.sinter.passes;

import dev.sinter.ir.Node;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.passes.FusedGraph.Body;
import dev.sinter.passes.FusedGraph.Data;
import dev.sinter.passes.FusedGraph.Flow;
import dev.sinter.passes.FusedGraph.Part;
import dev.sinter.passes.FusedGraph.Size;
import dev.sinter.passes.FusedGraph.View;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/// An order of the parts of a body in which values that must stay in one place can be replaced
/// there: every reader of the old value comes before the part that makes the new one.
///
/// @param parts all parts, ordered
/// @param inPlace the replacements that the order makes possible
record PartOrder(List<Part> parts, Set<Home> inPlace) {

  /// A parameter of a body and the result that has to end in its memory.
  record Home(Value before, Value after) {}

  /// The parts in an order in which each value is made before it is used.
  static List<Part> sorted(List<Part> parts) {
    return new Graph(parts).sorted();
  }

  /// Orders `body`; where a reader of an old value needs the new one as well, that home is left
  /// out.
  static PartOrder of(Body body, List<Home> homes) {
    Graph graph = new Graph(body.parts());
    Set<Home> kept = new HashSet<>();
    Set<Value> replaced = new HashSet<>();
    for (Home home : homes) {
      Optional<List<Integer>> readers = graph.readersBefore(home);
      if (replaced.add(home.after()) && readers.isPresent()) {
        int writer = Objects.requireNonNull(graph.maker.get(home.after()));
        readers.get().forEach(reader -> graph.edge(reader, writer));
        kept.add(home);
      }
    }
    return new PartOrder(graph.sorted(), kept);
  }

  /// The parts with what has to come before what.
  private static final class Graph {
    private final List<Part> parts;
    private final List<Set<Value>> inputs = new ArrayList<>();
    private final Map<Value, Integer> maker = new HashMap<>();
    private final List<Set<Integer>> before = new ArrayList<>();

    Graph(List<Part> parts) {
      this.parts = parts;
      for (int i = 0; i < parts.size(); i++) {
        for (Value value : parts.get(i).outputs()) {
          maker.put(value, i);
        }
      }
      for (Part part : parts) {
        Set<Integer> makers = new HashSet<>();
        inputs.add(Set.copyOf(part.inputs()));
        for (Value value : inputs.getLast()) {
          Integer from = maker.get(value);
          if (from != null) {
            makers.add(from);
          }
        }
        before.add(makers);
      }
      addSizes();
    }

    /// What needs a size that data tells comes after the part that tells it.
    private void addSizes() {
      Map<String, Integer> tellers = new HashMap<>();
      for (int i = 0; i < parts.size(); i++) {
        if (parts.get(i) instanceof Size size) {
          tellers.put(size.size().symbol(), i);
        }
      }
      for (int i = 0; i < parts.size() && !tellers.isEmpty(); i++) {
        for (Node node : parts.get(i).nodes()) {
          for (String symbol : node.sizes()) {
            Integer teller = tellers.get(symbol);
            if (teller != null) {
              edge(teller, i);
            }
          }
        }
      }
    }

    void edge(int from, int to) {
      before.get(to).add(from);
    }

    /// The parts other than the writer that read the old value, where all of them can run first;
    /// none where the new value cannot be written in its place.
    Optional<List<Integer>> readersBefore(Home home) {
      Integer writer = maker.get(home.after());
      if (writer == null
          || parts.get(writer) instanceof View
          || parts.get(writer) instanceof Data) {
        return Optional.empty();
      }
      Set<Value> old = new HashSet<>(Set.of(home.before()));
      List<Integer> readers = new ArrayList<>();
      BitSet ancestors = null;
      for (int i = 0; i < parts.size(); i++) {
        Part part = parts.get(i);
        if (Collections.disjoint(inputs.get(i), old)) {
          continue;
        }
        if (part instanceof View view) {
          old.addAll(view.outputs());
        } else if (i != writer) {
          readers.add(i);
        } else if (part instanceof Flow flow && !carries(flow, home, old)) {
          return Optional.empty();
        }
      }
      for (int reader : readers) {
        ancestors = ancestors(reader);
        if (ancestors.get(writer)) {
          return Optional.empty();
        }
      }
      return Optional.of(readers);
    }

    /// Whether the old value only goes in where the new one comes out.
    private static boolean carries(Flow flow, Home home, Set<Value> old) {
      List<Value> operands = flow.node().operands();
      int at = flow.node().results().indexOf(home.after());
      for (int i = 0; i < operands.size(); i++) {
        boolean same = i == at && operands.get(i).equals(home.before());
        if (old.contains(operands.get(i)) && !same) {
          return false;
        }
      }
      return true;
    }

    private BitSet ancestors(int part) {
      BitSet seen = new BitSet();
      List<Integer> open = new ArrayList<>(List.of(part));
      while (!open.isEmpty()) {
        int next = open.removeLast();
        if (!seen.get(next)) {
          seen.set(next);
          open.addAll(before.get(next));
        }
      }
      return seen;
    }

    /// A topological order that stays as close to the given one as it can.
    List<Part> sorted() {
      int[] missing = new int[parts.size()];
      List<List<Integer>> after = new ArrayList<>();
      parts.forEach(_ -> after.add(new ArrayList<>()));
      PriorityQueue<Integer> ready = new PriorityQueue<>();
      for (int i = 0; i < parts.size(); i++) {
        missing[i] = before.get(i).size();
        for (int from : before.get(i)) {
          after.get(from).add(i);
        }
        if (missing[i] == 0) {
          ready.add(i);
        }
      }
      List<Part> order = new ArrayList<>();
      while (!ready.isEmpty()) {
        int next = ready.remove();
        order.add(parts.get(next));
        for (int other : after.get(next)) {
          if (--missing[other] == 0) {
            ready.add(other);
          }
        }
      }
      if (order.size() != parts.size()) {
        throw new CompilerBug("FuseRegions", "two kernels wait for each other");
      }
      return order;
    }
  }
}
