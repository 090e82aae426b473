using System.Globalization;
using EdgeFace.Training;
using EdgeFace.Training.Commands;

// The language of the system changes neither what is read nor what is written.
CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;

// Read by libtorch's OpenMP when it is loaded.
NativeEnvironment.Default("OMP_WAIT_POLICY", "passive");
NativeEnvironment.KeepMemory();
return TrainTool.Run(args);
