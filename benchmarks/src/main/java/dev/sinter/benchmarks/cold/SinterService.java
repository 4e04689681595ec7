package dev.sinter.benchmarks.cold;

import dev.sinter.runtime.EntrySpec;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Program;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.TensorSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A compiled network, whose JAR is on the class path: that is what a cache of classes can hold.
final class SinterService implements Service {
  private final Model model;
  private final Session session;
  private final EntrySpec entry;
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();

  /// @param program the name of its class
  SinterService(String program, int threads) throws IOException, ReflectiveOperationException {
    Class<? extends Program> type = Class.forName(program).asSubclass(Program.class);
    model = Model.of(type.getConstructor().newInstance());
    session = model.session(threads);
    entry = model.spec().entries().getFirst();
  }

  @Override
  public void connect(List<Port> asked, List<Port> answered) {
    connect(asked, entry.inputs(), inputs);
    connect(answered, entry.outputs(), outputs);
  }

  private static void connect(List<Port> ports, List<TensorSpec> specs, Map<String, Tensor> to) {
    for (Port port : ports) {
      for (TensorSpec spec : specs) {
        if (spec.name().equals(port.name())) {
          MemorySegment memory = MemorySegment.ofBuffer(port.memory());
          to.put(port.name(), Tensor.wrap(spec.dtype(), memory, port.sizes()));
        }
      }
    }
  }

  @Override
  public void answer() {
    session.run(entry.name(), inputs, outputs);
  }

  @Override
  public void close() {
    session.close();
    model.close();
  }
}
