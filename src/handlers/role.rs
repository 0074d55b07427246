//! `iam.v1.RoleService`.

use crate::contract::proto::yandex::cloud::iam::v1::{GetRoleRequest, ListRolesRequest, ListRolesResponse, Role};
use crate::neighbours::role;
use crate::refusal::{self, Refusal};
use crate::universe::Universe;

use super::{Call, filter};

/// `RoleService.Get`.
pub fn get(_: &Call, _: &Universe, request: GetRoleRequest) -> Result<Role, Refusal> {
    let found = role::all().into_iter().find(|role| role.id == request.role_id);
    found.ok_or_else(|| refusal::neighbour::no_such_role(&request.role_id))
}

/// `RoleService.List`: by id. What a filter may be is not documented: here it is by name, which is the id (our choice).
pub fn list(call: &Call, universe: &Universe, request: ListRolesRequest) -> Result<ListRolesResponse, Refusal> {
    let wanted = filter::by_name(&request.filter)?;
    let page = call.page(universe, &[&request.filter], request.page_size, &request.page_token)?;
    let after: String = page.after()?.unwrap_or_default();
    let rest = role::all().into_iter().filter(|role| role.id > after && wanted.takes(&role.id));
    let (roles, next_page_token) = page.fill(rest, |role| role.id.clone());
    Ok(ListRolesResponse { roles, next_page_token })
}
