package dev.sinter.codegen.jar;

import dev.sinter.codegen.java.GeneratedNames;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.runtime.EntrySpec;
import dev.sinter.runtime.ModelSpec;
import dev.sinter.runtime.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `META-INF/sinter/model.json`: what a JAR holds, for tools that do not load it.
public final class ModelDescription {
  /// Where it lies in the JAR.
  public static final String ENTRY = "META-INF/sinter/model.json";

  /// The version of its form.
  public static final String SCHEMA = "sinter-model-1";

  private ModelDescription() {}

  /// The JSON text.
  public static String of(ProgramSet set, ModelSpec spec, GeneratedNames names) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("schema", SCHEMA);
    json.put("name", spec.name());
    json.put("class", names.facadeName());
    json.put("program", names.programName());
    List<Object> entries = new ArrayList<>();
    for (int i = 0; i < spec.entries().size(); i++) {
      entries.add(entry(spec.entries().get(i), set.entries().get(i)));
    }
    json.put("entries", entries);
    List<Object> parameters = new ArrayList<>();
    spec.parameters()
        .forEach(p ->
            parameters.add(named(p.name(), p.dtype().toString(), List.<Object>copyOf(p.shape()))));
    json.put("parameters", parameters);
    List<Object> states = new ArrayList<>();
    spec.states()
        .forEach(s -> {
          Map<String, Object> state = named(s.name(), s.dtype().toString(), dims(s.dims()));
          state.put("trained", s.trained());
          states.add(state);
        });
    json.put("states", states);
    List<Object> kernels = new ArrayList<>();
    for (int i = 0; i < names.kernels().size(); i++) {
      Map<String, Object> kernel = new LinkedHashMap<>();
      kernel.put("name", names.kernels().get(i));
      kernel.put("computes", set.kernels().get(i).tile().name());
      kernels.add(kernel);
    }
    json.put("kernels", kernels);
    return Json.text(json);
  }

  private static Map<String, Object> entry(EntrySpec spec, Program program) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("name", spec.name());
    entry.put("symbols", program.dims().stream().map(Program.DimSource::symbol).toList());
    entry.put("inputs", tensors(spec.inputs()));
    entry.put("outputs", tensors(spec.outputs()));
    entry.put("states", spec.states());
    return entry;
  }

  private static List<Object> tensors(List<TensorSpec> specs) {
    List<Object> out = new ArrayList<>();
    specs.forEach(t -> out.add(named(t.name(), t.dtype().toString(), dims(t.dims()))));
    return out;
  }

  private static Map<String, Object> named(String name, String dtype, List<Object> shape) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("name", name);
    out.put("dtype", dtype);
    out.put("shape", shape);
    return out;
  }

  /// A constant size as a number, any other as its text.
  private static List<Object> dims(List<String> dims) {
    List<Object> out = new ArrayList<>();
    for (String dim : dims) {
      boolean constant = !dim.isEmpty() && dim.chars().allMatch(c -> c >= '0' && c <= '9');
      out.add(constant ? Long.valueOf(dim) : dim);
    }
    return out;
  }
}
