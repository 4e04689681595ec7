package dev.sinter.runtime;

import java.util.ArrayList;
import java.util.List;

/// The buffers of an entry: where each lies, in which steps it lives, and what it stands for. It
/// has a text form:
///
/// ```
/// dims 3
/// buffer arena 0..2 image
/// buffer weights 0..9 fc.weight
/// buffer arena 1..4 hidden
/// buffer arena 2..4 hidden.relu in 2
/// input 0 buffer 0 dims 0 1
/// output 0 buffer 3 dims 0 2
/// weight 0 buffer 1
/// ```
///
/// A line `asks 2` stands for a state that is asked for its shape.
///
/// @param dims the rows of the dim table
/// @param buffers in the order in which [Frame#at] and [Program#sizes] number them
/// @param inputs one for each input of the entry, in order
/// @param outputs one for each output of the entry, in order
/// @param states one for each state that the entry reaches; its index is the state's in the spec
/// @param weights one for each `WEIGHTS` buffer; its index is the block's in [Program#packedSizes]
/// @param asked the states, by their number in the spec, whose shapes say what no input tells:
///   [Program#bind] gets them after the inputs'
public record BufferPlan(
    int dims,
    List<Buffer> buffers,
    List<Port> inputs,
    List<Port> outputs,
    List<Port> states,
    List<Port> weights,
    List<Integer> asked) {

  /// A range of bytes that steps read and write.
  ///
  /// @param name the value's in the graph, for people
  /// @param first the first step of the entry in which it lives, counted by any order that the run
  ///   keeps to
  /// @param last the last step in which it lives, included; an input lives from the first step of
  ///   all, an output to the last
  /// @param sharing the buffer whose memory this one takes over, or its own number
  public record Buffer(String name, Storage storage, int first, int last, int sharing) {}

  /// What a buffer stands for outside the entry.
  ///
  /// @param index of the input, output, state or block
  /// @param dims the rows of the dim table that are its shape; none for a block of weights
  public record Port(int index, int buffer, List<Integer> dims) {
    /// Copies the dims.
    public Port {
      dims = List.copyOf(dims);
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder().append(index).append(" buffer ").append(buffer);
      if (!dims.isEmpty()) {
        text.append(" dims");
        dims.forEach(dim -> text.append(' ').append(dim));
      }
      return text.toString();
    }
  }

  /// Copies the lists.
  ///
  /// @throws IllegalArgumentException when a number is out of range or a buffer lies in the wrong
  ///   storage
  public BufferPlan {
    buffers = List.copyOf(buffers);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    states = List.copyOf(states);
    weights = List.copyOf(weights);
    asked = List.copyOf(asked);
    for (int i = 0; i < buffers.size(); i++) {
      Buffer buffer = buffers.get(i);
      if (buffer.first() > buffer.last()
          || buffer.sharing() < 0
          || buffer.sharing() > i
          || buffers.get(buffer.sharing()).storage() != buffer.storage()) {
        throw new IllegalArgumentException("buffer %d is not one: %s".formatted(i, buffer));
      }
    }
    checkPorts(inputs, buffers, Storage.ARENA, dims);
    checkPorts(outputs, buffers, Storage.ARENA, dims);
    checkPorts(states, buffers, Storage.STATE, dims);
    checkPorts(weights, buffers, Storage.WEIGHTS, dims);
    for (int state : asked) {
      if (states.stream().noneMatch(port -> port.index() == state)) {
        throw new IllegalArgumentException("asks state %d, which has no buffer".formatted(state));
      }
    }
  }

  /// Reads the text form.
  ///
  /// @throws IllegalArgumentException when the text is not one
  public static BufferPlan parse(String text) {
    int dims = 0;
    List<Buffer> buffers = new ArrayList<>();
    List<Port> inputs = new ArrayList<>();
    List<Port> outputs = new ArrayList<>();
    List<Port> states = new ArrayList<>();
    List<Port> weights = new ArrayList<>();
    List<Integer> asked = new ArrayList<>();
    for (String line : text.lines().filter(l -> !l.isBlank()).toList()) {
      Words words = new Words(line);
      switch (words.next()) {
        case "dims" -> dims = words.integer();
        case "buffer" -> buffers.add(buffer(words, buffers.size()));
        case "input" -> inputs.add(port(words));
        case "output" -> outputs.add(port(words));
        case "state" -> states.add(port(words));
        case "weight" -> weights.add(port(words));
        case "asks" -> asked.add(words.integer());
        default -> throw new IllegalArgumentException("no such line in a plan: " + line);
      }
    }
    return new BufferPlan(dims, buffers, inputs, outputs, states, weights, asked);
  }

  /// The text form.
  public String text() {
    StringBuilder text = new StringBuilder("dims ").append(dims).append('\n');
    for (int i = 0; i < buffers.size(); i++) {
      Buffer buffer = buffers.get(i);
      text.append(
          "buffer %s %d..%d %s"
              .formatted(
                  buffer.storage().text(),
                  buffer.first(),
                  buffer.last(),
                  Words.quote(buffer.name())));
      text.append(buffer.sharing() == i ? "" : " in " + buffer.sharing()).append('\n');
    }
    inputs.forEach(port -> text.append("input ").append(port).append('\n'));
    outputs.forEach(port -> text.append("output ").append(port).append('\n'));
    states.forEach(port -> text.append("state ").append(port).append('\n'));
    weights.forEach(port -> text.append("weight ").append(port).append('\n'));
    asked.forEach(state -> text.append("asks ").append(state).append('\n'));
    return text.toString();
  }

  private static Buffer buffer(Words words, int number) {
    Storage storage = Storage.valueOf(words.next().toUpperCase(java.util.Locale.ROOT));
    String lifetime = words.next();
    int dots = lifetime.indexOf("..");
    if (dots < 0) {
      throw new IllegalArgumentException("not a range of steps: " + lifetime);
    }
    int first = Integer.parseInt(lifetime.substring(0, dots));
    int last = Integer.parseInt(lifetime.substring(dots + 2));
    String name = words.next();
    int sharing = number;
    if (words.hasNext()) {
      words.expect("in");
      sharing = words.integer();
    }
    return new Buffer(name, storage, first, last, sharing);
  }

  private static Port port(Words words) {
    int index = words.integer();
    words.expect("buffer");
    int buffer = words.integer();
    List<Integer> dims = new ArrayList<>();
    if (words.hasNext()) {
      words.expect("dims");
      while (words.hasNext()) {
        dims.add(words.integer());
      }
    }
    return new Port(index, buffer, dims);
  }

  private static void checkPorts(
      List<Port> ports, List<Buffer> buffers, Storage storage, int rows) {
    for (Port port : ports) {
      if (port.index() < 0
          || port.buffer() < 0
          || port.buffer() >= buffers.size()
          || buffers.get(port.buffer()).storage() != storage
          || port.dims().stream().anyMatch(dim -> dim < 0 || dim >= rows)) {
        throw new IllegalArgumentException(
            "not one that lies in %s: %s".formatted(storage.text(), port));
      }
    }
  }
}
