package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Buffer;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.Program.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which buffers must have one layout because they are one memory: aliases of one another, and a
/// state in all entries of a model.
final class MemoryGroups {
  /// The smallest element that has a layout of its own choice.
  private static final int BYTE = 8;

  private final List<int[]> group = new ArrayList<>();
  private final Set<Integer> pinned = new HashSet<>();
  private final Set<Integer> reshaped = new HashSet<>();
  private final Set<Integer> weights = new HashSet<>();
  private final Set<Integer> states = new HashSet<>();
  private int count;

  private MemoryGroups() {}

  /// The groups of the buffers of `programs`, which share their states.
  static MemoryGroups of(List<Program> programs) {
    MemoryGroups groups = new MemoryGroups();
    Set<String> states = new HashSet<>();
    for (Program program : programs) {
      for (Buffer buffer : program.buffers()) {
        if (buffer.origin() instanceof Origin.State(String name)) {
          states.add(name);
        }
      }
    }
    Map<String, Integer> byName = new HashMap<>();
    for (int p = 0; p < programs.size(); p++) {
      List<Buffer> buffers = programs.get(p).buffers();
      int[] of = new int[buffers.size()];
      groups.group.add(of);
      for (int b = 0; b < of.length; b++) {
        Buffer buffer = buffers.get(b);
        String name = nameOf(buffer);
        if (buffer.alias().isPresent()) {
          of[b] = of[buffer.alias().get()];
        } else if (states.contains(name)) {
          of[b] = byName.computeIfAbsent(name, n -> groups.count++);
        } else {
          of[b] = groups.count++;
        }
        if (buffer.origin() instanceof Origin.Weight
            || buffer.origin() instanceof Origin.Constant) {
          groups.weights.add(of[b]);
        } else if (buffer.origin() instanceof Origin.State) {
          groups.states.add(of[b]);
        }
        Optional<List<Dim>> other =
            buffer.alias().map(a -> buffers.get(a).shape()).filter(s -> !s.equals(buffer.shape()));
        if (!mayChoose(buffer)
            || other.filter(s -> !haveSameFirst(s, buffer.shape())).isPresent()) {
          groups.pinned.add(of[b]);
        } else if (other.isPresent()) {
          groups.reshaped.add(of[b]);
        }
      }
      for (Step step : programs.get(p).allSteps()) {
        if (step instanceof Step.Extern extern) {
          extern.buffers().forEach(b -> groups.pinned.add(of[b]));
        }
      }
    }
    return groups;
  }

  private static String nameOf(Buffer buffer) {
    return switch (buffer.origin()) {
      case Origin.State(String name) -> name;
      case Origin.Weight(String name) -> name;
      case Origin.Input _, Origin.Output _, Origin.Constant _, Origin.Temporary _ -> "";
    };
  }

  private static boolean mayChoose(Buffer buffer) {
    boolean border =
        buffer.origin() instanceof Origin.Input || buffer.origin() instanceof Origin.Output;
    return !border
        && !buffer.shape().isEmpty()
        && buffer.dtype().bits() >= BYTE
        && buffer.layout().equals(Layout.rowMajor(buffer.shape().size()));
  }

  /// The group of a buffer of a program.
  int of(int program, int buffer) {
    return group.get(program)[buffer];
  }

  /// Whether a group is a weight or a constant, which is laid out once.
  boolean isWeight(int group) {
    return weights.contains(group);
  }

  /// Whether a group is a state, which lies as it does from one run to the next.
  boolean isState(int group) {
    return states.contains(group);
  }

  /// Whether a group may lie otherwise than row-major.
  boolean isFree(int group) {
    return !pinned.contains(group) && !reshaped.contains(group);
  }

  /// Whether a group may lie as `layout`: what is seen under several shapes with the same first
  /// axis may have that axis last, the others in their order, and nothing else.
  boolean mayLie(int group, Layout layout) {
    return isFree(group)
        || (!pinned.contains(group) && layout.equals(Layout.last(0, layout.order().size())));
  }

  private static boolean haveSameFirst(List<Dim> shape, List<Dim> other) {
    return !shape.isEmpty() && !other.isEmpty() && shape.getFirst().equals(other.getFirst());
  }
}
