package dev.sinter.runtime;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Calls of a model: it owns the states, the memory for activations and the worker threads.
///
/// For one caller at a time: a call while another is under way throws `IllegalStateException`. Give
/// each caller a session of its own; they share the model's weights. Close it: it has threads and
/// memory that nothing else frees.
public final class Session implements AutoCloseable {
  /// Stands for a caller that never leaves.
  private static final Thread CLOSED = new Thread();

  private final Model model;
  private final Program program;
  private final List<Entry> entries;
  private final Map<String, Integer> entryNumbers = new HashMap<>();
  private final Map<String, Integer> stateNumbers = new HashMap<>();
  private final States states;
  private final Workers workers;
  private final AtomicReference<@Nullable Thread> caller = new AtomicReference<>();
  private Memory arena;
  private @Nullable Frame running;

  Session(Model model, Program program, int threads, Map<String, Tensor> initial) {
    if (threads < 1) {
      throw new IllegalArgumentException("a session has at least one thread, not " + threads);
    }
    this.model = model;
    this.program = program;
    ModelSpec spec = model.spec();
    List<Entry> made = new ArrayList<>();
    for (int i = 0; i < spec.entries().size(); i++) {
      made.add(new Entry(program, i));
      entryNumbers.put(spec.entries().get(i).name(), i);
    }
    for (int i = 0; i < spec.states().size(); i++) {
      stateNumbers.put(spec.states().get(i).name(), i);
    }
    entries = List.copyOf(made);
    states = new States(program, spec, initial);
    arena = Memory.allocate(0, "activations");
    workers = new Workers(threads);
  }

  /// The number of threads that calls run on, the caller's included.
  public int threads() {
    return workers.threads();
  }

  /// Runs the only entry of the model. The results are new tensors.
  ///
  /// @throws ModelException when a name or dtype is wrong, or the model has several entries
  /// @throws ShapeException when a shape is wrong
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    if (entries.size() != 1) {
      throw new ModelException(
          "%s has %d entries, so say which: %s"
              .formatted(
                  model.spec().name(),
                  entries.size(),
                  String.join(
                      ", ", model.spec().entries().stream().map(EntrySpec::name).toList())));
    }
    return run(entries.getFirst().spec().name(), inputs);
  }

  /// Runs an entry. The results are new tensors, whose memory the garbage collector frees.
  ///
  /// @throws ModelException when a name or dtype is wrong
  /// @throws ShapeException when a shape is wrong
  public Map<String, Tensor> run(String entry, Map<String, Tensor> inputs) {
    enter();
    try {
      Entry called = entry(entry);
      Entry.Binding binding = execute(called, inputs, Map.of());
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      for (int i = 0; i < called.spec().outputs().size(); i++) {
        TensorSpec spec = called.spec().outputs().get(i);
        Tensor output = Tensor.zeros(spec.dtype(), called.outputShape(i, binding));
        copyOut(called, i, binding, output);
        outputs.put(spec.name(), output);
      }
      return outputs;
    } finally {
      leave();
    }
  }

  /// Runs an entry and writes its results into the caller's tensors; a result that `outputs` does
  /// not name is dropped. Allocates nothing once it has seen the inputs' shapes.
  ///
  /// Tensors of native memory that all threads may touch are read and written where they lie, any
  /// others through copies. The caller leaves them alone until the call ends; what is in the
  /// results after an exception is undefined.
  ///
  /// @throws ModelException when a name or dtype is wrong
  /// @throws ShapeException when a shape is wrong
  public void run(String entry, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
    enter();
    try {
      Entry called = entry(entry);
      Entry.Binding binding = execute(called, inputs, outputs);
      for (int i = 0; i < called.spec().outputs().size(); i++) {
        Tensor output = outputs.get(called.spec().outputs().get(i).name());
        if (output != null) {
          called.checkOutput(i, output, binding, true);
          copyOut(called, i, binding, output);
        }
      }
    } finally {
      leave();
    }
  }

  /// A copy of a state's value.
  ///
  /// @throws ModelException when there is no such state, or it has no value yet
  public Tensor state(String name) {
    enter();
    try {
      return states.get(stateNumber(name));
    } finally {
      leave();
    }
  }

  /// Replaces a state's value by a copy.
  ///
  /// @throws ModelException when there is no such state
  /// @throws ShapeException when dtype or shape are not the state's
  public void setState(String name, Tensor value) {
    enter();
    try {
      states.set(stateNumber(name), value);
    } finally {
      leave();
    }
  }

  /// Sets every state back to its first value.
  public void reset() {
    enter();
    try {
      states.reset();
    } finally {
      leave();
    }
  }

  /// A new session of the same model with as many threads, whose states begin as this one's are
  /// now.
  public Session fork() {
    enter();
    try {
      Session fork = model.session(workers.threads());
      fork.states.copyFrom(states);
      return fork;
    } finally {
      leave();
    }
  }

  /// The bytes of memory for inputs, outputs and activations: the most that any call so far needed.
  public long arenaBytes() {
    return arena.segment().byteSize();
  }

  /// The bytes of memory for states.
  public long stateBytes() {
    return states.memory().byteSize();
  }

  /// Frees the memory and ends the threads; a second call does nothing.
  ///
  /// @throws IllegalStateException when a call is under way
  @Override
  public void close() {
    Thread other = caller.compareAndExchange(null, CLOSED);
    if (other == CLOSED) {
      return;
    }
    if (other != null) {
      throw inUse(other);
    }
    workers.close();
    arena.close();
    states.close();
  }

  MemorySegment arena() {
    return arena.segment();
  }

  MemorySegment states() {
    return states.memory();
  }

  private Entry.Binding execute(
      Entry called, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
    Entry.Binding binding = called.bind(inputs, model, workers, states);
    called.checkOutputs(outputs, binding);
    Frame frame = binding.frame;
    BufferPlan plan = called.plan();
    for (int i = 0; i < plan.states().size(); i++) {
      BufferPlan.Port port = plan.states().get(i);
      states.prepare(port, frame);
    }
    checkLimit(called, binding);
    if (arena.segment().byteSize() < binding.bytes) {
      Memory larger = Memory.allocate(binding.bytes, "activations of " + called.spec().name());
      arena.close();
      arena = larger;
    }
    running = frame;
    frame.enter(arena.segment(), states.memory());
    for (int i = 0; i < plan.states().size(); i++) {
      BufferPlan.Port port = plan.states().get(i);
      frame.setAt(port.buffer(), states.at(port.index()));
    }
    binding.lending.lend(frame, called.spec(), inputs, outputs);
    frame.share();
    for (int i = 0; i < plan.inputs().size(); i++) {
      Tensor input = inputs.get(called.spec().inputs().get(i).name());
      int buffer = plan.inputs().get(i).buffer();
      if (input != null && !frame.memory(buffer).equals(input.memory())) {
        MemorySegment.copy(
            input.memory(), 0, frame.memory(buffer), frame.at(buffer), input.bytes());
      }
    }
    try {
      program.run(called.number(), frame);
    } catch (IllegalStateException e) {
      if (model.isClosed()) {
        throw new IllegalStateException(
            "the model %s was closed during a call".formatted(model.spec().name()), e);
      }
      throw e;
    }
    return binding;
  }

  /// Holds a call to the memory that the model's text allows it.
  private void checkLimit(Entry called, Entry.Binding binding) {
    OptionalLong limit = model.spec().memoryLimit();
    long states = this.states.memory().byteSize();
    if (limit.isPresent() && model.weightBytes() + states + binding.bytes > limit.getAsLong()) {
      throw new ModelException(
          "this call of %s takes %s; %s is limited to %d"
              .formatted(
                  called.spec().name(),
                  new MemoryNeed(model.weightBytes(), states, binding.bytes),
                  model.spec().name(),
                  limit.getAsLong()));
    }
  }

  private void copyOut(Entry called, int index, Entry.Binding binding, Tensor output) {
    int buffer = called.plan().outputs().get(index).buffer();
    MemorySegment memory = binding.frame.memory(buffer);
    if (!memory.equals(output.memory())) {
      MemorySegment.copy(memory, binding.frame.at(buffer), output.memory(), 0, output.bytes());
    }
  }

  private Entry entry(String name) {
    Integer number = entryNumbers.get(name);
    if (number == null) {
      throw new ModelException(
          "%s has no entry %s; it has: %s"
              .formatted(
                  model.spec().name(),
                  name,
                  String.join(
                      ", ", model.spec().entries().stream().map(EntrySpec::name).toList())));
    }
    return entries.get(number);
  }

  private int stateNumber(String name) {
    Integer number = stateNumbers.get(name);
    if (number == null) {
      throw new ModelException("%s has no state %s".formatted(model.spec().name(), name));
    }
    return number;
  }

  private void enter() {
    Thread other = caller.compareAndExchange(null, Thread.currentThread());
    if (other == CLOSED) {
      throw new IllegalStateException(
          "this session of %s was closed".formatted(model.spec().name()));
    }
    if (other != null) {
      throw inUse(other);
    }
    if (model.isClosed()) {
      leave();
      throw new IllegalStateException("the model %s was closed".formatted(model.spec().name()));
    }
  }

  private void leave() {
    if (running != null) {
      running.leave();
      running = null;
    }
    caller.set(null);
  }

  private IllegalStateException inUse(Thread other) {
    return new IllegalStateException(
        "this session of %s is in a call of thread %s; give each caller a session of its own"
            .formatted(model.spec().name(), other.getName()));
  }
}
