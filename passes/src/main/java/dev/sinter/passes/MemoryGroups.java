package dev.sinter.passes;

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
import java.util.Set;

/// Which buffers must have one layout because they are one memory: aliases of one another, and a
/// state in all entries of a model.
final class MemoryGroups {
  /// The smallest element that has a layout of its own choice.
  private static final int BYTE = 8;

  private final List<int[]> group = new ArrayList<>();
  private final Set<Integer> pinned = new HashSet<>();

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
    int next = 0;
    for (Program program : programs) {
      int[] of = new int[program.buffers().size()];
      groups.group.add(of);
      for (int b = 0; b < of.length; b++) {
        Buffer buffer = program.buffers().get(b);
        if (buffer.alias().isPresent()) {
          of[b] = of[buffer.alias().get()];
        } else {
          String name = nameOf(buffer);
          of[b] = states.contains(name) ? byName.computeIfAbsent(name, n -> byName.size()) : -1;
        }
        next = Math.max(next, of[b] + 1);
      }
    }
    int fresh = states.size();
    for (int p = 0; p < programs.size(); p++) {
      Program program = programs.get(p);
      int[] of = groups.group.get(p);
      for (int b = 0; b < of.length; b++) {
        Buffer buffer = program.buffers().get(b);
        if (buffer.alias().isPresent()) {
          int other = buffer.alias().get();
          of[b] = of[other];
          if (!buffer.shape().equals(program.buffers().get(other).shape())) {
            groups.pinned.add(of[b]);
          }
        } else if (of[b] < 0) {
          of[b] = fresh++;
        }
        if (!mayChoose(buffer)) {
          groups.pinned.add(of[b]);
        }
      }
      groups.pinExterns(p, program.steps());
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
        && buffer.shape().size() > 1
        && buffer.dtype().bits() >= BYTE
        && buffer.layout().equals(Layout.rowMajor(buffer.shape().size()));
  }

  private void pinExterns(int program, List<Step> steps) {
    for (Step step : steps) {
      switch (step) {
        case Step.Launch _ -> {}
        case Step.Extern extern -> extern.buffers().forEach(b -> pinned.add(of(program, b)));
        case Step.If choice -> {
          pinExterns(program, choice.then());
          pinExterns(program, choice.otherwise());
        }
        case Step.Repeat repeat -> pinExterns(program, repeat.body());
        case Step.While loop -> {
          pinExterns(program, loop.test());
          pinExterns(program, loop.body());
        }
      }
    }
  }

  /// The group of a buffer of a program.
  int of(int program, int buffer) {
    return group.get(program)[buffer];
  }

  /// Whether a group may lie otherwise than row-major.
  boolean isFree(int group) {
    return !pinned.contains(group);
  }
}
