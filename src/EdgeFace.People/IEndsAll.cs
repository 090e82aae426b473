namespace EdgeFace.People;

/// <summary>An exception after which the other items of a whole are not tried.</summary>
interface IEndsAll;
