package dev.sinter.runtime;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// What a model is called, takes, gives and keeps. It has a text form, a line for each thing:
///
/// ```
/// model Digits
/// entry predict
///   input image f32[N, 64]
///   output logits f32[N, 10]
///   uses cache
/// parameter fc.weight f32[10, 64] = kaiming_uniform(fan_in = 64)
/// state cache f32[N, 10] = zeros()
/// trained head.bias f32[10] = zeros()
/// rename "h.{i}.{p}" "blocks.{i}.{p}"
/// limit 67108864
/// ```
///
/// A name that is more than letters, digits, `_`, `.` and `-` stands in double quotes. `trained` is
/// a state that is a parameter of the model. `rename` says what files call weights, and in which
/// order they have the axes; `limit` how many bytes of memory a session may take.
public record ModelSpec(
    String name,
    List<EntrySpec> entries,
    List<ParameterSpec> parameters,
    List<StateSpec> states,
    WeightNames weightNames,
    OptionalLong memoryLimit) {
  /// Copies the lists.
  ///
  /// @throws IllegalArgumentException when a name stands twice, or an entry uses a state that is
  ///   not there
  public ModelSpec {
    entries = List.copyOf(entries);
    parameters = List.copyOf(parameters);
    states = List.copyOf(states);
    Set<String> stateNames = distinct("state", states.stream().map(StateSpec::name).toList(), name);
    distinct("parameter", parameters.stream().map(ParameterSpec::name).toList(), name);
    distinct("entry", entries.stream().map(EntrySpec::name).toList(), name);
    for (EntrySpec entry : entries) {
      distinct("input", entry.inputs().stream().map(TensorSpec::name).toList(), entry.name());
      distinct("output", entry.outputs().stream().map(TensorSpec::name).toList(), entry.name());
      for (String state : distinct("use", entry.states(), entry.name())) {
        if (!stateNames.contains(state)) {
          throw new IllegalArgumentException(
              "entry %s uses state %s, which %s has not".formatted(entry.name(), state, name));
        }
      }
    }
  }

  /// Reads the text form.
  ///
  /// @throws IllegalArgumentException when the text is not one
  public static ModelSpec parse(String text) {
    String name = "";
    List<EntrySpec> entries = new ArrayList<>();
    List<ParameterSpec> parameters = new ArrayList<>();
    List<StateSpec> states = new ArrayList<>();
    List<Rename> renames = new ArrayList<>();
    OptionalLong limit = OptionalLong.empty();
    for (String line : text.lines().filter(l -> !l.isBlank()).toList()) {
      Words words = new Words(line);
      String kind = words.next();
      String called = words.next();
      switch (kind) {
        case "model" -> name = called;
        case "entry" -> entries.add(new EntrySpec(called, List.of(), List.of(), List.of()));
        case "input", "output", "uses" -> {
          if (entries.isEmpty()) {
            throw new IllegalArgumentException("before any entry: " + line);
          }
          entries.add(extended(entries.removeLast(), kind, called, words));
        }
        case "parameter" -> {
          TensorSpec type = type(called, words);
          List<Long> shape = type.dims().stream().map(Long::valueOf).toList();
          parameters.add(new ParameterSpec(called, type.dtype(), shape, initializer(words)));
        }
        case "state", "trained" -> {
          TensorSpec type = type(called, words);
          boolean trained = kind.equals("trained");
          states.add(new StateSpec(called, type.dtype(), type.dims(), initializer(words), trained));
        }
        case "rename" -> renames.add(rename(called, words));
        case "limit" -> limit = OptionalLong.of(Long.parseLong(called));
        default -> throw new IllegalArgumentException("no such line in a model's text: " + line);
      }
    }
    return new ModelSpec(name, entries, parameters, states, new WeightNames(renames), limit);
  }

  /// The text form.
  public String text() {
    StringBuilder text = new StringBuilder("model ").append(Words.quote(name)).append('\n');
    for (EntrySpec entry : entries) {
      text.append("entry ").append(Words.quote(entry.name())).append('\n');
      entry.inputs().forEach(input -> text.append("  input ").append(input).append('\n'));
      entry.outputs().forEach(output -> text.append("  output ").append(output).append('\n'));
      entry.states().forEach(s -> text.append("  uses ").append(Words.quote(s)).append('\n'));
    }
    parameters.forEach(parameter -> text.append("parameter ").append(parameter).append('\n'));
    for (StateSpec state : states) {
      text.append(state.trained() ? "trained " : "state ").append(state).append('\n');
    }
    weightNames.renames().forEach(r -> text.append("rename ").append(r).append('\n'));
    memoryLimit.ifPresent(bytes -> text.append("limit ").append(bytes).append('\n'));
    return text.toString();
  }

  private static Rename rename(String file, Words words) {
    String model = words.next();
    List<Integer> order = new ArrayList<>();
    while (words.hasNext()) {
      order.add(words.integer());
    }
    return new Rename(file, model, order);
  }

  private static EntrySpec extended(EntrySpec entry, String kind, String called, Words words) {
    List<TensorSpec> inputs = new ArrayList<>(entry.inputs());
    List<TensorSpec> outputs = new ArrayList<>(entry.outputs());
    List<String> uses = new ArrayList<>(entry.states());
    switch (kind) {
      case "input" -> inputs.add(type(called, words));
      case "output" -> outputs.add(type(called, words));
      default -> uses.add(called);
    }
    return new EntrySpec(entry.name(), inputs, outputs, uses);
  }

  /// Reads `f32[N, 2*M]`; a comma inside parentheses belongs to a dim.
  private static TensorSpec type(String name, Words words) {
    String text = words.upTo(" = ");
    int open = text.indexOf('[');
    if (open < 0 || !text.endsWith("]")) {
      throw new IllegalArgumentException("not a type: " + text);
    }
    DType dtype =
        DType.parse(text.substring(0, open))
            .orElseThrow(() -> new IllegalArgumentException("not a dtype: " + text));
    List<String> dims = new ArrayList<>();
    int depth = 0;
    int begin = open + 1;
    for (int i = begin; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if ((c == ',' && depth == 0) || i == text.length() - 1) {
        String dim = text.substring(begin, i).strip();
        if (!dim.isEmpty()) {
          dims.add(dim);
        }
        begin = i + 1;
      }
    }
    return new TensorSpec(name, dtype, dims);
  }

  private static String initializer(Words words) {
    words.expect("=");
    return words.rest();
  }

  private static Set<String> distinct(String kind, List<String> names, String owner) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new IllegalArgumentException("%s %s stands twice in %s".formatted(kind, name, owner));
      }
    }
    return seen;
  }
}
