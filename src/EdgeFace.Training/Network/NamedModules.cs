using static TorchSharp.torch.nn;

namespace EdgeFace.Training.Network;

/// <summary>Nothing but a name before the names of other modules.</summary>
sealed class NamedModules(string name) : Module(name);
