package dev.sinter.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// An entry as one session calls it: it checks what a caller gives against the spec, and keeps what
/// it bound for each set of shapes. A call with shapes that it has seen allocates nothing.
final class Entry {
  /// Bindings kept. A caller with more shapes than this pays for the oldest again.
  private static final int MAX_BINDINGS = 64;

  private final Program program;
  private final EntrySpec spec;
  private final BufferPlan plan;
  private final int number;
  private final long[] inputDims;
  private final List<Binding> bindings = new ArrayList<>();
  private int oldest;

  Entry(Program program, int number) {
    this.program = program;
    this.number = number;
    this.spec = program.spec().entries().get(number);
    this.plan = program.plan(number);
    int asked = plan.asked().stream().mapToInt(state -> rank(program, state)).sum();
    this.inputDims = new long[spec.inputs().stream().mapToInt(TensorSpec::rank).sum() + asked];
    if (plan.inputs().size() != spec.inputs().size()
        || plan.outputs().size() != spec.outputs().size()) {
      throw new ModelException(
          "entry %s: its plan has not the inputs and outputs of its spec".formatted(spec.name()));
    }
  }

  private static int rank(Program program, int state) {
    return program.spec().states().get(state).dims().size();
  }

  /// What an entry is for one set of input shapes: a frame with its dim table and offsets, and the
  /// bytes that the arena must have.
  static final class Binding {
    final Frame frame;
    final long bytes;
    final Lending lending;
    private final long[] key;
    private final long[] dims;

    private Binding(Frame frame, long bytes, Lending lending, long[] key, long[] dims) {
      this.frame = frame;
      this.bytes = bytes;
      this.lending = lending;
      this.key = key;
      this.dims = dims;
    }
  }

  EntrySpec spec() {
    return spec;
  }

  BufferPlan plan() {
    return plan;
  }

  int number() {
    return number;
  }

  /// Checks the inputs and finds or makes their binding.
  ///
  /// @throws ModelException when a name or dtype is wrong
  /// @throws ShapeException when a shape is
  Binding bind(Map<String, Tensor> inputs, Model model, Workers workers, States states) {
    int at = 0;
    for (int i = 0; i < spec.inputs().size(); i++) {
      TensorSpec expected = spec.inputs().get(i);
      Tensor input = inputs.get(expected.name());
      if (input == null) {
        throw new ModelException(
            "entry %s needs input %s; given: %s"
                .formatted(
                    spec.name(), expected, names(inputs.keySet().stream().sorted().toList())));
      }
      if (input.dtype() != expected.dtype() || input.rank() != expected.rank()) {
        throw mismatch("input", expected, input, "");
      }
      for (int axis = 0; axis < input.rank(); axis++) {
        inputDims[at++] = input.dim(axis);
      }
    }
    if (inputs.size() != spec.inputs().size()) {
      throw unknown("input", inputs, spec.inputs());
    }
    for (int i = 0; i < plan.asked().size(); i++) {
      int state = plan.asked().get(i);
      for (int axis = 0; axis < rank(program, state); axis++) {
        inputDims[at++] = states.dim(state, axis);
      }
    }
    for (int i = 0; i < bindings.size(); i++) {
      Binding binding = bindings.get(i);
      if (Arrays.equals(binding.key, inputDims)) {
        // What an earlier run wrote into its dim table says nothing about this one.
        binding.frame.setDims(binding.dims);
        return binding;
      }
    }
    checkSymbols(inputs);
    Binding made = make(model, workers);
    if (bindings.size() < MAX_BINDINGS) {
      bindings.add(made);
    } else {
      bindings.set(oldest, made);
      oldest = (oldest + 1) % MAX_BINDINGS;
    }
    return made;
  }

  /// Checks the tensors that take the outputs, as far as their dims are known before the run.
  void checkOutputs(Map<String, Tensor> outputs, Binding binding) {
    int found = 0;
    for (int i = 0; i < spec.outputs().size(); i++) {
      Tensor output = outputs.get(spec.outputs().get(i).name());
      if (output != null) {
        found++;
        checkOutput(i, output, binding, false);
      }
    }
    if (found != outputs.size()) {
      throw unknown("output", outputs, spec.outputs());
    }
  }

  /// Checks a tensor that takes an output against its dims; -1 fits all, unless `known`.
  void checkOutput(int index, Tensor output, Binding binding, boolean known) {
    TensorSpec expected = spec.outputs().get(index);
    List<Integer> dims = plan.outputs().get(index).dims();
    boolean fits = output.dtype() == expected.dtype() && output.rank() == dims.size();
    for (int axis = 0; fits && axis < dims.size(); axis++) {
      long dim = binding.frame.dim(dims.get(axis));
      fits = dim == output.dim(axis) || (dim < 0 && !known);
    }
    if (!fits) {
      throw mismatch(
          "output",
          expected,
          output,
          ", which is %s in this call".formatted(Shapes.text(outputShape(index, binding))));
    }
  }

  long[] outputShape(int index, Binding binding) {
    List<Integer> dims = plan.outputs().get(index).dims();
    long[] shape = new long[dims.size()];
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = binding.frame.dim(dims.get(axis));
    }
    return shape;
  }

  private Binding make(Model model, Workers workers) {
    long[] key = inputDims.clone();
    long[] dims = new long[plan.dims()];
    program.bind(number, key.clone(), dims);
    long[] sizes = new long[plan.buffers().size()];
    program.sizes(number, dims, sizes);
    Placement placement = Placement.place(plan, sizes, workers.threads());
    long[] at = new long[sizes.length];
    long[] strides = new long[sizes.length];
    for (int i = 0; i < at.length; i++) {
      at[i] = placement.offset(i);
      strides[i] = placement.stride(i);
    }
    for (BufferPlan.Port weight : plan.weights()) {
      at[weight.buffer()] = model.packedAt(weight.index());
    }
    Frame frame = new Frame(program, workers, plan, model.packed(), at, strides, dims.clone());
    return new Binding(frame, placement.bytes(), new Lending(plan, sizes), key, dims);
  }

  /// Checks constant dims, and that a symbol has one value wherever it stands alone.
  private void checkSymbols(Map<String, Tensor> inputs) {
    record Seen(long dim, String where) {}
    Map<String, Seen> symbols = new HashMap<>();
    for (TensorSpec expected : spec.inputs()) {
      Tensor input = inputs.get(expected.name());
      for (int axis = 0; input != null && axis < input.rank(); axis++) {
        String text = expected.dims().get(axis);
        long dim = input.dim(axis);
        long constant = Dims.constant(text);
        if (constant >= 0 && constant != dim) {
          throw mismatch(
              "input", expected, input, ": dim %d is %d, not %d".formatted(axis, dim, constant));
        }
        if (Dims.isSymbol(text)) {
          String where = "dim %d of %s".formatted(axis, expected.name());
          Seen seen = symbols.putIfAbsent(text, new Seen(dim, where));
          if (seen != null && seen.dim != dim) {
            throw mismatch(
                "input",
                expected,
                input,
                ": dim %d is %d, but %s is %d by %s"
                    .formatted(axis, dim, text, seen.dim, seen.where));
          }
        }
      }
    }
  }

  private ModelException mismatch(String kind, TensorSpec expected, Tensor given, String detail) {
    String message =
        "%s %s of entry %s is %s, not %s%s"
            .formatted(kind, expected.name(), spec.name(), expected.type(), given.type(), detail);
    return given.dtype() == expected.dtype()
        ? new ShapeException(message)
        : new ModelException(message);
  }

  private ModelException unknown(String kind, Map<String, Tensor> given, List<TensorSpec> specs) {
    List<String> expected = specs.stream().map(TensorSpec::name).toList();
    List<String> extra =
        given.keySet().stream().filter(name -> !expected.contains(name)).sorted().toList();
    return new ModelException(
        "entry %s has no %s %s; it has: %s"
            .formatted(spec.name(), kind, names(extra), names(expected)));
  }

  private static String names(List<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names);
  }
}
