//! What every journey needs: a channel to the service that discovery names, a token for it, and to wait for operations.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prost::{Message, Name};
use prost_types::Any;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};

use crate::proto::endpoint::ListApiEndpointsRequest;
use crate::proto::endpoint::api_endpoint_service_client::ApiEndpointServiceClient;
use crate::proto::iam::v1::CreateIamTokenRequest;
use crate::proto::iam::v1::create_iam_token_request::Identity;
use crate::proto::iam::v1::iam_token_service_client::IamTokenServiceClient;
use crate::proto::operation::operation::Result as Outcome;
use crate::proto::operation::operation_service_client::OperationServiceClient;
use crate::proto::operation::{GetOperationRequest, Operation};

/// A channel whose calls bear a token.
pub type Authorized = InterceptedService<Channel, Bearer>;

/// Gives each call its token.
#[derive(Clone)]
pub struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// What discovery and the token service told.
pub struct Session {
    endpoints: BTreeMap<String, String>,
    bearer: Bearer,
    /// A folder that no other journey has used.
    pub folder: String,
}

impl Session {
    /// Finds the services, and gets a token.
    pub async fn begin(address: &str) -> Result<Self, Box<dyn Error>> {
        let mut discovery = ApiEndpointServiceClient::new(channel(address)?);
        let listed = discovery.list(ListApiEndpointsRequest::default()).await?.into_inner().endpoints;
        let count = listed.len();
        let endpoints: BTreeMap<_, _> = listed.into_iter().map(|endpoint| (endpoint.id, endpoint.address)).collect();
        assert_eq!(endpoints.len(), count, "each id comes once");

        let mut tokens = IamTokenServiceClient::new(channel(&endpoints["iam"])?);
        let identity = Some(Identity::YandexPassportOauthToken("y0_journey".into()));
        let token = tokens.create(CreateIamTokenRequest { identity }).await?.into_inner().iam_token;
        assert!(token.starts_with("t1."), "{token}");
        let bearer = Bearer(format!("Bearer {token}").parse()?);

        let folder = format!("b1g{:017x}", SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros());
        Ok(Self { endpoints, bearer, folder })
    }

    /// A channel to the service with an id.
    pub fn to(&self, id: &str) -> Result<Authorized, Box<dyn Error>> {
        Ok(InterceptedService::new(channel(&self.endpoints[id])?, self.bearer.clone()))
    }

    /// Waits for an operation; returns what it ends with.
    pub async fn finished<Response: Message + Default + Name>(
        &self,
        operation: Operation,
    ) -> Result<Response, Box<dyn Error>> {
        let mut operations = OperationServiceClient::new(self.to("operation")?);
        for _ in 0..60 {
            let request = GetOperationRequest { operation_id: operation.id.clone() };
            let operation = operations.get(request).await?.into_inner();
            if operation.done {
                return match operation.result {
                    Some(Outcome::Response(response)) => unpack(&response),
                    other => Err(format!("it ended with {other:?}").into()),
                };
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Err(format!("operation {} takes too long", operation.id).into())
    }
}

fn channel(address: &str) -> Result<Channel, Box<dyn Error>> {
    let endpoint = Endpoint::from_shared(format!("https://{address}"))?;
    Ok(endpoint.tls_config(ClientTlsConfig::new().with_native_roots())?.connect_lazy())
}

/// The message that is packed, which must be of this type.
pub fn unpack<M: Message + Default + Name>(packed: &Any) -> Result<M, Box<dyn Error>> {
    let name = packed.type_url.rsplit('/').next().unwrap_or_default();
    assert_eq!(name, M::full_name());
    Ok(M::decode(packed.value.as_slice())?)
}
