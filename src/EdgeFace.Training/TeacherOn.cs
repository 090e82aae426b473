namespace EdgeFace.Training;

/// <summary>What runs the teacher.</summary>
enum TeacherOn
{
    /// <summary>EdgeFace's own engine, on the threads that make views.</summary>
    Engine,

    /// <summary>libtorch, on the threads that train; it gives maps too.</summary>
    Libtorch,
}
