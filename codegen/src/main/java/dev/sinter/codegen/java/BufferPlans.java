package dev.sinter.codegen.java;

import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.runtime.BufferPlan;
import dev.sinter.runtime.ModelSpec;
import dev.sinter.runtime.Storage;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What the runtime has to know of the buffers of each entry: where each lies, when it lives, and
/// what it stands for.
public final class BufferPlans {
  private final ProgramSet set;
  private final ModelSpec spec;
  private final Constants constants;

  /// Plans for the entries of `set`, whose spec is `spec`.
  public BufferPlans(ProgramSet set, ModelSpec spec) {
    this.set = set;
    this.spec = spec;
    this.constants = Constants.of(set);
  }

  /// The plan of one entry.
  public BufferPlan of(Program program) {
    DimTable table = DimTable.of(program, spec);
    int[] roots = roots(program);
    Storage[] storages = storages(program, roots);
    List<BufferPlan.Buffer> buffers = new ArrayList<>();
    List<BufferPlan.Port> inputs = new ArrayList<>();
    List<BufferPlan.Port> outputs = new ArrayList<>();
    List<BufferPlan.Port> states = new ArrayList<>();
    List<BufferPlan.Port> weights = new ArrayList<>();
    for (int i = 0; i < roots.length; i++) {
      Program.Buffer buffer = program.buffers().get(i);
      switch (buffer.origin()) {
        case Program.Origin.Input(int index) ->
            inputs.add(new BufferPlan.Port(index, i, borderRows(program, buffer, table)));
        case Program.Origin.Output(int index) ->
            outputs.add(new BufferPlan.Port(index, i, borderRows(program, buffer, table)));
        case Program.Origin.Weight(String name) -> {
          if (storages[i] == Storage.STATE) {
            addState(states, name, roots[i], buffer, table);
          } else {
            weights.add(new BufferPlan.Port(block(name, buffer.layout()), i, List.of()));
          }
        }
        case Program.Origin.State(String name) -> addState(states, name, roots[i], buffer, table);
        case Program.Origin.Constant(Tensor tensor) ->
            weights.add(
                new BufferPlan.Port(
                    set.weights().size() + constants.number(tensor, buffer.layout()),
                    i,
                    List.of()));
        case Program.Origin.Temporary _ -> {}
      }
      buffers.add(
          new BufferPlan.Buffer(
              buffer.name(), storages[i], buffer.live().first(), buffer.live().last(), roots[i]));
    }
    inputs.sort(java.util.Comparator.comparingInt(BufferPlan.Port::index));
    outputs.sort(java.util.Comparator.comparingInt(BufferPlan.Port::index));
    return new BufferPlan(
        table.rows().size(), buffers, inputs, outputs, states, weights, asked(program));
  }

  /// The number of the block of packed weights that holds `name` in `layout`.
  private int block(String name, Layout layout) {
    int block = set.weights().indexOf(new ProgramSet.PackedWeight(name, layout));
    if (block < 0) {
      throw new CompilerBug("codegen", "weight " + name + " is not packed as " + layout);
    }
    return block;
  }

  /// The states that tell a symbol, ascending.
  private List<Integer> asked(Program program) {
    Set<Integer> asked = new TreeSet<>();
    for (Program.DimSource source : program.dims()) {
      switch (source) {
        case Program.DimSource.OfState state -> asked.add(state(state.state()));
        case Program.DimSource.OfInput _,
            Program.DimSource.OfLoop _,
            Program.DimSource.OfValue _ -> {}
      }
    }
    return List.copyOf(asked);
  }

  private int state(String name) {
    for (int s = 0; s < spec.states().size(); s++) {
      if (spec.states().get(s).name().equals(name)) {
        return s;
      }
    }
    throw new CompilerBug("codegen", "no state is called " + name);
  }

  private void addState(
      List<BufferPlan.Port> states, String name, int root, Program.Buffer buffer, DimTable table) {
    int number = state(name);
    if (states.stream().noneMatch(port -> port.index() == number)) {
      states.add(new BufferPlan.Port(number, root, table.rows(buffer.shape())));
    }
  }

  private static List<Integer> borderRows(Program program, Program.Buffer buffer, DimTable table) {
    if (!buffer.layout().equals(Layout.rowMajor(buffer.shape().size()))) {
      throw new CompilerBug(
          "codegen", buffer.name() + " crosses the border of " + program.name() + " packed");
    }
    return table.rows(buffer.shape());
  }

  /// For each buffer the first one in whose memory it lies.
  private static int[] roots(Program program) {
    int[] roots = new int[program.buffers().size()];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = i;
    }
    for (int i = 0; i < roots.length; i++) {
      Optional<Integer> alias = program.buffers().get(i).alias();
      if (alias.isPresent()) {
        int mine = roots[i];
        int theirs = roots[alias.get()];
        for (int j = 0; j < roots.length; j++) {
          if (roots[j] == mine || roots[j] == theirs) {
            roots[j] = Math.min(mine, theirs);
          }
        }
      }
    }
    return roots;
  }

  private Storage[] storages(Program program, int[] roots) {
    Storage[] storages = new Storage[roots.length];
    for (int i = 0; i < roots.length; i++) {
      Storage storage =
          switch (program.buffers().get(i).origin()) {
            case Program.Origin.Weight(String name) ->
                ModelSpecs.isState(spec, name) ? Storage.STATE : Storage.WEIGHTS;
            case Program.Origin.Constant _ -> Storage.WEIGHTS;
            case Program.Origin.State _ -> Storage.STATE;
            case Program.Origin.Temporary(boolean ofEachThread) ->
                ofEachThread ? Storage.SCRATCH : Storage.ARENA;
            case Program.Origin.Input _, Program.Origin.Output _ -> Storage.ARENA;
          };
      Storage before = storages[roots[i]];
      storages[roots[i]] = before == null || before == Storage.ARENA ? storage : before;
    }
    for (int i = 0; i < roots.length; i++) {
      storages[i] = storages[roots[i]];
    }
    return storages;
  }
}
